package dev.holdfast.conversation;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import dev.holdfast.identity.AppliedSettings;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
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

    private static final Statement APPEND =
            Statement.write("items.append", """
            WITH c AS (
                UPDATE conversations v SET last_seq = last_seq + cardinality($3::text[]),
                    largest_item = greatest(largest_item, (SELECT max(octet_length(body)) FROM unnest($4::text[]) body))
                WHERE project_id = $1 AND id = $2
                RETURNING last_seq - cardinality($3::text[]) AS seq, %s AS settings
            ), k AS (
                INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
                SELECT $1, $5, $6, $7 FROM c WHERE $5::text IS NOT NULL
            )
            INSERT INTO items (project_id, conversation_id, seq, id, body, settings)
            SELECT $1, $2, c.seq + i.n, i.id, i.body::json, c.settings
            FROM c, unnest($3::text[], $4::text[]) WITH ORDINALITY AS i (id, body, n)
            """.formatted(AppliedSettings.of("$1", "v.external_id")));

    /** Appends all items or none; none of them may be a reference. Fails with a violation of {@code items_id}. */
    Uni<Boolean> append(
            Ticket ticket,
            String conversation,
            List<ItemDraft> items,
            @Nullable IdempotencyKey key,
            @Nullable String response) {
        Tuple params = Tuple.of(ticket.project(), conversation);
        addItems(params, items);
        IdempotencyKey.addTo(params, key, response);
        return db.query(ticket, APPEND, params, rows -> rows.rowCount() > 0);
    }

    static void addItems(Tuple params, List<ItemDraft> items) {
        params.addArrayOfString(items.stream().map(ItemDraft::id).toArray(String[]::new))
                .addArrayOfString(items.stream().map(ItemDraft::json).toArray(String[]::new));
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

    /** What a page may weigh; a page of one item has it, however large. */
    static final int PAGE_BYTES = 8 * 1024 * 1024;

    static final Statement FIRST_DESC = page("9223372036854775807", "<", "DESC");
    static final Statement FIRST_ASC = page("0", ">", "ASC");
    static final Statement NEXT_DESC = page(cursor(), "<", "DESC");
    static final Statement NEXT_ASC = page(cursor(), ">", "ASC");

    private static String cursor() {
        return "(SELECT seq FROM items WHERE project_id = $1 AND id = $5 AND conversation_id = $2)";
    }

    // Settings are put at the end of the item's own text.
    private static final String BODY = """
            CASE WHEN $4 AND settings IS NOT NULL
                THEN left(body::text, -1) || ',"holdfast_settings":' || settings::text || '}' ELSE body::text END AS body""";

    // How many rows are read depends on how large they can be. Without a conversation it is none at all.
    private static Statement page(String from, String comparison, String direction) {
        return Statement.read("items.list", """
                WITH n AS MATERIALIZED (
                    SELECT CASE WHEN largest_item::bigint * $3 <= %4$d THEN $3 ELSE greatest(2, %4$d / largest_item) END AS n
                    FROM conversations WHERE project_id = $1 AND id = $2
                )
                SELECT id, %5$s, (SELECT n FROM n) AS n FROM items
                WHERE project_id = $1 AND conversation_id = $2 AND seq %1$s %2$s
                ORDER BY seq %3$s LIMIT coalesce((SELECT n FROM n), 0)
                """.formatted(comparison, from, direction, PAGE_BYTES, BODY));
    }

    /** What there is of a page, which may end early where its items are large; {@code more} tells whether any follow. */
    record Items(List<ItemRow> rows, boolean more) {

        Items {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Empty if there is no such conversation or cursor, too.
     *
     * @param settings whether each item shows the settings that applied to it
     */
    Uni<Items> list(Ticket ticket, String conversation, PageRequest page, boolean settings) {
        boolean desc = page.order() == Order.DESC;
        Tuple params = Tuple.of(ticket.project(), conversation, page.limit() + 1, settings);
        if (page.after() == null) {
            return db.query(ticket, desc ? FIRST_DESC : FIRST_ASC, params, ItemRepository::items);
        }
        params.addString(page.after());
        return db.query(ticket, desc ? NEXT_DESC : NEXT_ASC, params, ItemRepository::items);
    }

    /** One row more than the page takes says that more follow. */
    private static Items items(RowSet<Row> rows) {
        List<ItemRow> all = new ArrayList<>(rows.size());
        boolean more = false;
        for (Row row : rows) {
            more = all.size() == row.getInteger("n") - 1;
            if (!more) {
                all.add(row(row));
            }
        }
        return new Items(all, more);
    }

    private static final Statement EMPTINESS = Statement.read("items.emptiness", """
            SELECT EXISTS (SELECT FROM conversations WHERE project_id = $1 AND id = $2),
                   EXISTS (SELECT FROM items WHERE project_id = $1 AND id = $3 AND conversation_id = $2)
            """);

    /** Why a page came out empty. */
    enum Emptiness {
        NO_CONVERSATION,
        NO_CURSOR,
        NOTHING_THERE
    }

    /** To be asked after an empty page; {@code after} is its cursor, or null. */
    Uni<Emptiness> emptiness(Ticket ticket, String conversation, @Nullable String after) {
        Tuple params = Tuple.of(ticket.project(), conversation, after);
        return db.query(ticket, EMPTINESS, params, rows -> {
            Row row = rows.iterator().next();
            if (!row.getBoolean(0)) {
                return Emptiness.NO_CONVERSATION;
            }
            return after == null || row.getBoolean(1) ? Emptiness.NOTHING_THERE : Emptiness.NO_CURSOR;
        });
    }

    private static final Statement GET = Statement.read("items.get", """
            SELECT id, %s FROM items
            WHERE project_id = $1 AND id = $3 AND conversation_id = $2
              AND EXISTS (SELECT FROM conversations WHERE project_id = $1 AND id = $2)
            """.formatted(BODY));

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
