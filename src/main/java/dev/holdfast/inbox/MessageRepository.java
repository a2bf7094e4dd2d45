package dev.holdfast.inbox;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages in the queue, as administrators look at them; each method is one statement. */
@ApplicationScoped
class MessageRepository {

    private static final String ALL_STATES = "ARRAY['waiting', 'done', 'dead']";

    /** Sorts after every id. */
    private static final String AFTER_ALL = InboxResource.ID_PREFIX + "~";

    private static final String COLUMNS = """
            id, project_id, source, external_id, sender_message_id, state, attempts, reason, conversation_id,
            floor(extract(epoch FROM received_at))::bigint AS received_at,
            floor(extract(epoch FROM finished_at))::bigint AS finished_at
            """;

    static final Statement UP = list("", ">", "ASC");
    static final Statement DOWN = list("", "<", "DESC");
    static final Statement OF_SOURCE_UP = list("AND source = $4", ">", "ASC");
    static final Statement OF_SOURCE_DOWN = list("AND source = $4", "<", "DESC");

    private final Database db;

    MessageRepository(Database db) {
        this.db = db;
    }

    // Each state is a range of an index; of all of them together as many are read for each as the page has.
    private static Statement list(String source, String comparison, String direction) {
        return Statement.read("inbox.list", """
                SELECT m.* FROM unnest(coalesce($1::text[], %s)) AS w (state), LATERAL (
                    SELECT %s FROM inbox_messages WHERE state = w.state %s AND id %s $2
                    ORDER BY id %5$s LIMIT $3) m
                ORDER BY m.id %5$s LIMIT $3
                """.formatted(ALL_STATES, COLUMNS, source, comparison, direction));
    }

    /**
     * At most one more than the page holds, in the order of acceptance.
     *
     * @param state null for all, as is {@code source}
     */
    Uni<List<StoredMessage>> list(Ticket ticket, PageRequest page, @Nullable String state, @Nullable String source) {
        boolean down = page.order() == Order.DESC;
        String from = page.after() != null ? page.after() : down ? AFTER_ALL : "";
        Tuple params = Tuple.tuple()
                .addArrayOfString(state == null ? null : new String[] {state})
                .addString(from)
                .addInteger(page.limit() + 1);
        Statement statement = down ? DOWN : UP;
        if (source != null) {
            params.addString(source);
            statement = down ? OF_SOURCE_DOWN : OF_SOURCE_UP;
        }
        return db.query(ticket, statement, params, rows -> {
            List<StoredMessage> all = new ArrayList<>(rows.size());
            rows.forEach(row -> all.add(message(row, null, null)));
            return all;
        });
    }

    static final Statement GET = Statement.read("inbox.get", """
            SELECT %s, coalesce(settings, 'null')::text AS settings, '[' || array_to_string(item_bodies, ',') || ']' AS items
            FROM inbox_messages WHERE state = ANY (%s) AND id = $1
            """.formatted(COLUMNS, ALL_STATES));

    /** Null if there is none. */
    Uni<@Nullable StoredMessage> get(Ticket ticket, String id) {
        return db.query(ticket, GET, Tuple.of(id), rows -> {
            if (rows.size() == 0) {
                return null;
            }
            Row row = rows.iterator().next();
            return message(row, row.getString("settings"), row.getString("items"));
        });
    }

    static final Statement RETRY = Statement.write("inbox.retry", """
            WITH m AS (
                SELECT project_id, id, external_id FROM inbox_messages WHERE state = 'dead' AND id = $1 FOR UPDATE
            ), s AS (
                INSERT INTO inbox_senders AS t (project_id, external_id, waiting, due_at)
                SELECT project_id, external_id, 1, now() FROM m
                ON CONFLICT (project_id, external_id) DO UPDATE SET waiting = t.waiting + 1, attempts = 0,
                    due_at = CASE WHEN t.claim IS NULL THEN now() ELSE t.due_at END
                RETURNING pg_notify('%s', '')::text
            )
            UPDATE inbox_messages u SET state = 'waiting', attempts = 0, finished_at = NULL
            FROM m, s WHERE u.project_id = m.project_id AND u.id = m.id
            """.formatted(InboxRepository.CHANNEL));

    /** Has a message that was set aside delivered after all; false if there is none. */
    Uni<Boolean> retry(Ticket ticket, String id) {
        return db.query(ticket, RETRY, Tuple.of(id), (rows, replayed) -> replayed || rows.rowCount() > 0);
    }

    private static StoredMessage message(Row row, @Nullable String settings, @Nullable String items) {
        return new StoredMessage(
                row.getString("id"),
                row.getString("project_id"),
                row.getString("source"),
                row.getString("external_id"),
                row.getString("sender_message_id"),
                row.getString("state"),
                row.getInteger("attempts"),
                row.getString("reason"),
                row.getString("conversation_id"),
                row.getLong("received_at"),
                row.getLong("finished_at"),
                settings,
                items);
    }
}
