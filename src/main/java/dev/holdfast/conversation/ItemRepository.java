package dev.holdfast.conversation;

import dev.holdfast.db.BatchRead;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import dev.holdfast.identity.AppliedSettings;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.netty.buffer.ByteBufUtil;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Items in PostgreSQL. Whoever appends holds the lock on the conversation's row from taking the sequence numbers until the
 * commit, so numbers become visible in their order: a reader that goes forward from a number it has seen misses nothing.
 */
@ApplicationScoped
class ItemRepository {

    private final Database db;

    ItemRepository(Database db) {
        this.db = db;
    }

    private static final String MANY = "unnest($3::text[], $4::text[]) WITH ORDINALITY";
    private static final String ONE = "(VALUES ($3::text, $4::text, 1))";
    private static final String NO_KEY = "";
    private static final String KEY = ", k AS (" + IdempotencyKey.stored("$1", 6, "FROM c") + ")";

    private static final Statement APPEND = append("cardinality($3::text[])", MANY, NO_KEY);
    private static final Statement APPEND_KEYED = append("cardinality($3::text[])", MANY, KEY);
    private static final Statement APPEND_ONE = append("1", ONE, NO_KEY);
    private static final Statement APPEND_ONE_KEYED = append("1", ONE, KEY);

    private static Statement append(String number, String items, String besides) {
        return Statement.write(
                "items.append", """
                WITH c AS (
                    UPDATE conversations v SET last_seq = last_seq + %1$s,
                        largest_item = greatest(largest_item, $5)
                    WHERE project_id = $1 AND id = $2
                    RETURNING last_seq - %1$s AS seq, %2$s AS settings
                ) %4$s
                INSERT INTO items (project_id, conversation_id, seq, id, body, settings)
                SELECT $1, $2, c.seq + i.n, i.id, i.body::json, c.settings
                FROM c, %3$s AS i (id, body, n)
                """.formatted(number, AppliedSettings.of("$1", "v.external_id"), items, besides));
    }

    /** Appends all items or none; none of them may be a reference. Fails with a violation of {@code items_id}. */
    Uni<Boolean> append(
            Ticket ticket,
            String conversation,
            List<ItemDraft> items,
            @Nullable IdempotencyKey key,
            @Nullable String response) {
        Tuple params = Tuple.of(ticket.project(), conversation);
        boolean one = items.size() == 1;
        if (one) {
            params.addString(items.get(0).id()).addString(items.get(0).stored());
        } else {
            addItems(params, items);
        }
        params.addInteger(largest(items));
        if (key == null) {
            return db.query(ticket, one ? APPEND_ONE : APPEND, params, rows -> rows.rowCount() > 0);
        }
        IdempotencyKey.addTo(params, key, response);
        return db.query(ticket, one ? APPEND_ONE_KEYED : APPEND_KEYED, params, rows -> rows.rowCount() > 0);
    }

    static void addItems(Tuple params, List<ItemDraft> items) {
        String[] ids = new String[items.size()];
        String[] bodies = new String[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = items.get(i).id();
            bodies[i] = items.get(i).stored();
        }
        params.addArrayOfString(ids).addArrayOfString(bodies);
    }

    /** The bytes of the largest, 0 of none. */
    static int largest(List<ItemDraft> items) {
        int largest = 0;
        for (ItemDraft item : items) {
            largest = Math.max(largest, ByteBufUtil.utf8Bytes(item.stored()));
        }
        return largest;
    }

    private static final Statement SAME = Statement.read("items.same", """
            SELECT count(*)::int FROM unnest($3::text[], $4::text[]) AS a (id, body)
            JOIN items i ON i.project_id = $1 AND i.id = a.id AND i.conversation_id = $2 AND i.body::text = a.body
            """);

    /** Whether the conversation has all these items, as they are: then a lost append of them was committed. */
    Uni<Boolean> has(Ticket ticket, String conversation, List<ItemDraft> items) {
        Tuple params = Tuple.of(ticket.project(), conversation);
        addItems(params, items);
        return db.query(ticket, SAME, params, rows -> rows.iterator().next().getInteger(0) == items.size());
    }

    /** What all items that one request refers to may weigh together. */
    private static final int COPIED_BYTES = 16 * 1024 * 1024;

    private static final Statement RESOLVE = Statement.read("items.resolve", """
            SELECT id, CASE WHEN sum(octet_length(body::text)) OVER () <= %d THEN body::text END AS body FROM (
                SELECT DISTINCT ON (i.id) i.id, i.body
                FROM items i JOIN conversations c ON c.project_id = $1 AND c.id = i.conversation_id
                WHERE i.project_id = $1 AND i.id = ANY ($2)
                ORDER BY i.id, i.created_at DESC, i.conversation_id) found
            """.formatted(COPIED_BYTES));

    /**
     * The items of these ids, wherever the project has them; of several copies the newest. Fails with 413 where they are
     * too large together.
     */
    Uni<Map<String, String>> resolve(Ticket ticket, List<String> ids) {
        Tuple params = Tuple.of(ticket.project()).addArrayOfString(ids.toArray(String[]::new));
        return db.query(ticket, RESOLVE, params, rows -> {
            Map<String, String> found = new HashMap<>();
            for (Row row : rows) {
                String body = row.getString("body");
                if (body == null) {
                    throw new Problem(
                            ErrorCode.REQUEST_TOO_LARGE,
                            "The items referred to are larger than " + COPIED_BYTES + " bytes together.",
                            "items",
                            null);
                }
                found.put(row.getString("id"), body);
            }
            return found;
        });
    }

    /** What a page may weigh; a page of one item has it, however large, and for that the next one is read too. */
    static final int PAGE_BYTES = 8 * 1024 * 1024;

    static final Pages DESC = new Pages("9223372036854775807", "<", "DESC", "min");
    static final Pages ASC = new Pages("0", ">", "ASC", "max");

    // Settings are put at the end of the item's own text.
    private static final String BODY = """
            CASE WHEN %s AND settings IS NOT NULL
                THEN left(body::text, -1) || ',"holdfast_settings":' || settings::text || '}' ELSE body::text END""";

    /**
     * One page that is asked for.
     *
     * @param settings whether each item shows the settings that applied to it
     */
    record PageOf(
            String conversation,
            int limit,
            boolean settings,
            @Nullable String after) {}

    /** Pages in one direction. */
    static final class Pages implements BatchRead<PageOf, @Nullable ItemPage> {

        private static final String ONE = """
                (SELECT $2::text AS conversation, $4::bool AS settings, $5::text AS after, 1::bigint AS n,
                    CASE WHEN largest_item::bigint * ($3::int + 1) <= %1$d THEN $3::int + 1
                        ELSE greatest(2, %1$d / largest_item) END AS most
                FROM conversations WHERE project_id = $1 AND id = $2)""".formatted(PAGE_BYTES);

        // Those that might not fit are left out, by a "most" of 0: none is cut short because of the others. By the
        // sub-selects the planner does not see how many there are: it would make a plan for each number.
        private static final String SEVERAL = """
                (SELECT a.conversation, a.settings, a.after, a.n,
                    CASE WHEN sum(v.bytes) OVER (ORDER BY v.bytes, a.n) <= %d THEN a.most + 1 ELSE 0 END AS most
                FROM unnest((SELECT $2::text[]), (SELECT $3::int[]), (SELECT $4::bool[]), (SELECT $5::text[]))
                    WITH ORDINALITY AS a (conversation, most, settings, after, n), LATERAL (
                    SELECT largest_item::bigint * (a.most + 1) AS bytes FROM conversations
                    WHERE project_id = $1 AND id = a.conversation OFFSET 0) v)""".formatted(PAGE_BYTES);

        private final Statement one;
        private final Statement several;

        private Pages(String start, String comparison, String direction, String furthest) {
            one = pages(ONE, start, comparison, direction, furthest);
            several = pages(SEVERAL, start, comparison, direction, furthest);
        }

        // One row for the whole page, in bytes, costs us less than twenty in text. The aggregates see the items in the
        // order in which they are read; how many those are depends on how large they can be. One more than the page has
        // shows that there are more. It is cut off: the high half of "last" is its number, the low half its length.
        // Without a conversation there is no row.
        private static Statement pages(
                String asked, String start, String comparison, String direction, String furthest) {
            return Statement.read("items.list", """
                    SELECT p.items, p.ids, p.last & 4294967295 AS last_bytes, c.most, c.n FROM %1$s c, LATERAL (
                        SELECT string_agg(i.body, ',') AS items, array_agg(i.id) AS ids,
                            %5$s(i.seq << 32 | octet_length(i.body)) AS last FROM (
                            SELECT seq, id, convert_to(%6$s, 'UTF8') AS body FROM items
                            WHERE project_id = $1 AND conversation_id = c.conversation AND seq %3$s CASE
                                WHEN c.after IS NULL THEN %2$s
                                ELSE (SELECT seq FROM items
                                      WHERE project_id = $1 AND id = c.after AND conversation_id = c.conversation) END
                            ORDER BY seq %4$s
                            LIMIT c.most) i) p
                    """.formatted(
                            asked, start, comparison, direction, furthest, BODY.formatted("c.settings")));
        }

        @Override
        public Statement one() {
            return one;
        }

        @Override
        public Tuple params(String project, PageOf page) {
            return Tuple.of(project, page.conversation, page.limit, page.settings, page.after);
        }

        @Override
        public Statement several() {
            return several;
        }

        @Override
        public Tuple params(String project, List<PageOf> pages) {
            return Tuple.of(project)
                    .addArrayOfString(pages.stream().map(PageOf::conversation).toArray(String[]::new))
                    .addArrayOfInteger(pages.stream().map(PageOf::limit).toArray(Integer[]::new))
                    .addArrayOfBoolean(pages.stream().map(PageOf::settings).toArray(Boolean[]::new))
                    .addArrayOfString(pages.stream().map(PageOf::after).toArray(String[]::new));
        }

        @Override
        public boolean isWhole(Row row) {
            return row.getInteger(3) > 0;
        }

        @Override
        public @Nullable ItemPage answer(@Nullable Row row) {
            if (row == null) {
                return null;
            }
            Buffer items = row.getBuffer(0);
            if (items == null) {
                return ItemPage.EMPTY;
            }
            String[] ids = row.getArrayOfStrings(1);
            boolean more = ids.length == row.getInteger(3);
            int shown = more ? ids.length - 1 : ids.length;
            Buffer page = more ? items.slice(0, items.length() - row.getLong(2).intValue() - 1) : items;
            return new ItemPage(page, ids[0], ids[shown - 1], more);
        }
    }

    /**
     * Null if there is no such conversation; an empty page if there is no such cursor, too. A page may end early where the
     * items are large.
     *
     * @param settings whether each item shows the settings that applied to it
     */
    Uni<@Nullable ItemPage> list(Ticket ticket, String conversation, PageRequest page, boolean settings) {
        return db.query(
                ticket,
                page.order() == Order.DESC ? DESC : ASC,
                new PageOf(conversation, page.limit(), settings, page.after()));
    }

    private static final Statement IN_CONVERSATION = Statement.read("items.in_conversation", """
            SELECT FROM items WHERE project_id = $1 AND id = $3 AND conversation_id = $2
            """);

    /** Whether a conversation, which is there, has this item. */
    Uni<Boolean> isIn(Ticket ticket, String conversation, String id) {
        return db.query(ticket, IN_CONVERSATION, Tuple.of(ticket.project(), conversation, id), rows -> rows.size() > 0);
    }

    private static final Statement GET = Statement.read("items.get", """
            SELECT id, %s AS body FROM items
            WHERE project_id = $1 AND id = $3 AND conversation_id = $2
              AND EXISTS (SELECT FROM conversations WHERE project_id = $1 AND id = $2)
            """.formatted(BODY.formatted("$4")));

    /** Null if there is none; {@code settings} as for {@link #list}. */
    Uni<@Nullable ItemRow> get(Ticket ticket, String conversation, String id, boolean settings) {
        return db.query(
                ticket,
                GET,
                Tuple.of(ticket.project(), conversation, id, settings),
                rows -> rows.size() == 0 ? null : row(rows.iterator().next()));
    }

    private static final Statement DELETE = Statement.write("items.delete", """
            WITH i AS (
                DELETE FROM items WHERE project_id = $1 AND id = $3 AND conversation_id = $2 RETURNING id
            )
            SELECT id, created_at, metadata::text AS metadata, expires_at, EXISTS (SELECT FROM i) AS deleted
            FROM conversations WHERE project_id = $1 AND id = $2
            """);

    /** The conversation that the item was in; null if there is no such conversation, or no such item in it. */
    Uni<@Nullable ConversationRow> delete(Ticket ticket, String conversation, String id) {
        return db.query(ticket, DELETE, Tuple.of(ticket.project(), conversation, id), (rows, replayed) -> {
            Row row = rows.size() == 0 ? null : rows.iterator().next();
            return row != null && (replayed || row.getBoolean("deleted")) ? ConversationRepository.row(row) : null;
        });
    }

    private static ItemRow row(Row row) {
        return new ItemRow(row.getString("id"), row.getString("body"));
    }
}
