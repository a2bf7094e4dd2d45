package dev.holdfast.inbox;

import dev.holdfast.conversation.SenderAppend;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What workers do with the queue. A worker claims senders for the time of a lease; everything that it does for one later asks
 * for that claim under the lock of the sender's row, and does nothing where somebody else has it by now.
 */
@ApplicationScoped
class Queue {

    private final Database db;

    Queue(Database db) {
        this.db = db;
    }

    /**
     * A sender that is ours for a while.
     *
     * @param attempts how often his first message has failed
     */
    record Held(String project, String sender, UUID claim, int attempts) {}

    /**
     * What came of a claim.
     *
     * @param project whose senders were looked at; null if nothing is due
     * @param held all of this project and by one claim; one alone if his first message has failed before
     * @param more whether as much again may be due already
     */
    record Claim(@Nullable String project, List<Held> held, boolean more) {

        Claim {
            held = List.copyOf(held);
        }
    }

    // Projects take turns: each claim is of the next project that has something due. The outer limit is for the
    // planner, which can't know that few rows are wanted.
    static final Statement CLAIM = Statement.write("inbox.claim", """
            WITH p AS MATERIALIZED (
                SELECT * FROM (
                    (SELECT project_id, due_at FROM inbox_senders WHERE project_id > $1 AND due_at <= now()
                     ORDER BY project_id, due_at LIMIT 1)
                    UNION ALL
                    (SELECT project_id, due_at FROM inbox_senders WHERE due_at <= now()
                     ORDER BY project_id, due_at LIMIT 1)) turns
                LIMIT 1
            ), s AS MATERIALIZED (
                SELECT * FROM (
                    SELECT project_id, external_id, due_at, CASE WHEN attempts > 0 THEN $2 ELSE least(waiting, $2) END AS weight
                    FROM inbox_senders
                    WHERE project_id = (SELECT project_id FROM p) AND due_at <= now()
                      AND due_at >= (SELECT due_at FROM p)
                    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
                LIMIT 64
            ), f AS MATERIALIZED (
                SELECT project_id, external_id, sum(weight) OVER w AS sum, row_number() OVER w AS place
                FROM s WINDOW w AS (ORDER BY due_at, external_id)
            ), u AS (
                UPDATE inbox_senders u SET claim = $3, due_at = now() + make_interval(secs => $4)
                FROM f WHERE u.project_id = f.project_id AND u.external_id = f.external_id
                    AND (f.place = 1 OR f.sum <= $2)
                RETURNING u.external_id, u.attempts
            )
            SELECT p.project_id, u.external_id, u.attempts,
                coalesce((SELECT max(sum) FROM f) >= $2, false) OR coalesce(
                    (SELECT true FROM inbox_senders WHERE project_id > p.project_id AND due_at <= now()
                     ORDER BY project_id, due_at LIMIT 1),
                    (SELECT true FROM inbox_senders WHERE project_id < p.project_id AND due_at <= now()
                     ORDER BY project_id, due_at LIMIT 1), false) AS more
            FROM (SELECT) one LEFT JOIN p ON true LEFT JOIN u ON true
            """);

    /**
     * Claims at least one of the senders that are due, and as many as have no more messages together than {@code most}.
     *
     * @param after the project that was looked at last
     */
    Uni<Claim> claim(Ticket ticket, String after, int most, Duration lease) {
        UUID claim = UUID.randomUUID();
        Tuple params = Tuple.of(after, most, claim, lease.toMillis() / 1e3);
        return db.query(ticket, CLAIM, params, (rows, replayed) -> new Sent(claimed(rows, claim), replayed))
                .flatMap(sent -> sent.replayed
                        ? db.query(ticket, HELD, Tuple.of(claim), rows -> claimed(rows, claim))
                        : Uni.createFrom().item(sent.claim));
    }

    private record Sent(Claim claim, boolean replayed) {}

    // Asked only after a claim that was sent twice, so it has no index.
    private static final Statement HELD = Statement.read(
            "inbox.held", "SELECT project_id, external_id, attempts, true AS more FROM inbox_senders WHERE claim = $1");

    private static Claim claimed(RowSet<Row> rows, UUID claim) {
        String project = null;
        boolean more = false;
        List<Held> held = new ArrayList<>();
        for (Row row : rows) {
            project = row.getString("project_id");
            more = row.getBoolean("more");
            String sender = row.getString("external_id");
            if (project != null && sender != null) {
                held.add(new Held(project, sender, claim, row.getInteger("attempts")));
            }
        }
        return new Claim(project, held, more);
    }

    // A message that another worker has delivered since this statement began is passed over: its row is looked at again
    // once it is locked. Senders are locked in the order that whoever accepts several messages has too.
    static final Statement DELIVER = Statement.write("inbox.deliver", """
            WITH s AS MATERIALIZED (
                SELECT external_id, waiting FROM inbox_senders
                WHERE project_id = $1 AND external_id = ANY ($2) AND claim = $3 ORDER BY external_id FOR UPDATE
            ), m AS MATERIALIZED (
                SELECT s.external_id, first.* FROM s, LATERAL (
                    SELECT id, seq, item_ids, item_bodies, settings FROM inbox_messages w
                    WHERE w.project_id = $1 AND w.external_id = s.external_id AND w.state = 'waiting'
                      AND ($6::text IS NULL OR w.id = $6)
                    ORDER BY seq LIMIT $5 FOR UPDATE) first
            ), n AS MATERIALIZED (
                SELECT s.external_id, s.waiting, (SELECT count(*) FROM m WHERE m.external_id = s.external_id) AS n FROM s
            ),
            """ + SenderAppend.ctes("$1", "$2", "$4") + """
            , done AS (
                UPDATE inbox_messages u SET state = 'done', finished_at = now(), conversation_id = c.id,
                    item_bodies = '{}', attempts = u.attempts + 1, reason = NULL
                FROM m JOIN c USING (external_id) WHERE u.project_id = $1 AND u.id = m.id
            ), rest AS (
                UPDATE inbox_senders u SET waiting = n.waiting - n.n, attempts = 0,
                    claim = CASE WHEN $7 THEN u.claim END,
                    due_at = CASE WHEN $7 THEN u.due_at WHEN n.n = 0 THEN now() + interval '1 s' ELSE now() END
                FROM n WHERE u.project_id = $1 AND u.external_id = n.external_id AND n.waiting > n.n
            ), gone AS (
                DELETE FROM inbox_senders u USING n
                WHERE u.project_id = $1 AND u.external_id = n.external_id AND n.waiting <= n.n
            )
            SELECT coalesce(sum(n.n), 0)::bigint AS n FROM n
            """);

    /**
     * Appends senders' first messages to their conversations and marks them as done; gives the senders back.
     *
     * @param all of one claim; either all of their messages are delivered, or none
     * @param now the Unix time in milliseconds
     * @param most of each sender
     * @return how many; none of those whose claim has lapsed
     */
    Uni<Integer> deliver(Ticket ticket, List<Held> all, long now, int most) {
        return deliver(ticket, all, now, most, null);
    }

    /**
     * Appends one message, the first of its sender, who stays ours.
     *
     * @param now the Unix time in milliseconds
     * @return 1; 0 where the claim has lapsed
     */
    Uni<Integer> deliverOne(Ticket ticket, Held held, long now, String message) {
        return deliver(ticket, List.of(held), now, 1, message);
    }

    private Uni<Integer> deliver(Ticket ticket, List<Held> all, long now, int most, @Nullable String only) {
        String[] conversations = new String[all.size()];
        Arrays.setAll(conversations, i -> SenderAppend.newConversationId(now));
        Tuple params = claimed(all)
                .addArrayOfString(conversations)
                .addInteger(most)
                .addString(only)
                .addBoolean(only != null);
        return db.query(
                ticket,
                DELIVER,
                params,
                rows -> rows.iterator().next().getLong("n").intValue());
    }

    static final Statement FIRST = Statement.read("inbox.first", """
            SELECT id FROM inbox_messages
            WHERE project_id = $1 AND external_id = $2 AND state = 'waiting' ORDER BY seq LIMIT 1
            """);

    /** The id of a sender's first message; null if none waits. */
    Uni<@Nullable String> first(Ticket ticket, Held held) {
        return db.query(
                ticket,
                FIRST,
                Tuple.of(held.project, held.sender),
                rows -> rows.size() == 0 ? null : rows.iterator().next().getString("id"));
    }

    private static final Statement FAIL = Statement.write("inbox.fail", """
            WITH s AS MATERIALIZED (
                SELECT waiting FROM inbox_senders WHERE project_id = $1 AND external_id = $2 AND claim = $3 FOR UPDATE
            ), f AS (
                UPDATE inbox_messages u SET attempts = u.attempts + 1, reason = $5,
                    state = CASE WHEN $6 THEN 'dead' ELSE u.state END, finished_at = CASE WHEN $6 THEN now() END
                WHERE u.project_id = $1 AND u.id = $4 AND u.state = 'waiting' AND EXISTS (SELECT FROM s)
                RETURNING u.id
            ), rest AS (
                UPDATE inbox_senders u SET claim = NULL, due_at = now() + make_interval(secs => $7),
                    attempts = CASE WHEN $6 THEN 0 ELSE u.attempts + 1 END,
                    waiting = s.waiting - CASE WHEN $6 THEN 1 ELSE 0 END
                FROM s, f WHERE u.project_id = $1 AND u.external_id = $2 AND NOT ($6 AND s.waiting = 1)
            ), gone AS (
                DELETE FROM inbox_senders u USING s, f
                WHERE u.project_id = $1 AND u.external_id = $2 AND $6 AND s.waiting = 1
            )
            SELECT count(*) AS n FROM f
            """);

    /**
     * Notes that a message has failed, and gives its sender back.
     *
     * @param reason for administrators: nothing of the message
     * @param dead whether it is set aside, so that the sender's next message comes first
     * @param delay until the sender is tried again
     */
    Uni<Boolean> fail(Ticket ticket, Held held, String message, String reason, boolean dead, Duration delay) {
        Tuple params = Tuple.of(held.project, held.sender, held.claim)
                .addString(message)
                .addString(reason)
                .addBoolean(dead)
                .addDouble(delay.toMillis() / 1e3);
        return db.query(ticket, FAIL, params, rows -> rows.iterator().next().getLong("n") > 0);
    }

    private static final Statement RELEASE = Statement.write("inbox.release", """
            UPDATE inbox_senders SET claim = NULL, due_at = now()
            WHERE project_id = $1 AND external_id = ANY ($2) AND claim = $3
            """);

    /** Gives senders of one claim back as they are. */
    Uni<@Nullable Void> release(Ticket ticket, List<Held> all) {
        return db.query(ticket, RELEASE, claimed(all), rows -> null);
    }

    private static Tuple claimed(List<Held> all) {
        Held first = all.get(0);
        String[] senders = all.stream().map(Held::sender).toArray(String[]::new);
        return Tuple.of(first.project, senders, first.claim);
    }
}
