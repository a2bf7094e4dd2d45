package dev.holdfast.conversation;

import dev.holdfast.db.Chore;
import dev.holdfast.db.Chores;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Deletes conversations whose time is over: their own ({@code expires_at}), or the project's ({@code retention_days} after the
 * last item). It deletes rows of conversations only, as a client does; what belonged to them is purged afterwards.
 */
@Startup
@ApplicationScoped
class Retention {

    private static final int BATCH = 200;
    private static final String FIRST = "";

    private final Database db;
    private final Purger purger;
    private final Chore expired;
    private final Chore idle;

    // Where the sweep over old conversations has got to; only one runs at a time.
    private volatile String project = FIRST;
    private volatile String conversation = FIRST;

    Retention(Database db, Chores chores, Purger purger, ConversationConfig config) {
        this.db = db;
        this.purger = purger;
        this.expired = chores.add("conversations", config.retentionInterval(), this::deleteExpired);
        this.idle = chores.add("conversations", config.retentionInterval(), this::deleteIdle);
    }

    /** All that there is to do now. */
    Uni<Void> run() {
        return expired.run().chain(idle::run);
    }

    static final Statement EXPIRED = Statement.write("conversations.expire", """
            WITH due AS (
                SELECT project_id, id FROM conversations WHERE expires_at <= now()
                ORDER BY expires_at LIMIT %d FOR UPDATE SKIP LOCKED
            ), d AS (
                DELETE FROM conversations c USING due WHERE c.project_id = due.project_id AND c.id = due.id
                RETURNING c.project_id, c.id
            ), t AS (
                INSERT INTO purges (project_id, conversation_id) SELECT project_id, id FROM d
            )
            SELECT count(*) AS removed FROM d
            """.formatted(BATCH));

    private Uni<Chore.Batch> deleteExpired(Ticket ticket) {
        return db.query(ticket, EXPIRED, Tuple.tuple(), rows -> {
            long removed = rows.iterator().next().getLong("removed");
            wakeFor(removed);
            return Chore.Batch.of(removed, BATCH);
        });
    }

    // Ids begin with the time of making: what may be old enough is a range of the primary key, whatever the project's
    // days
    // are now. A conversation that is appended to after it was looked at has another last_seq, and stays.
    static final Statement IDLE = Statement.write("conversations.retain", """
            WITH p AS (
                SELECT id, now() - make_interval(days => retention_days) AS before FROM projects
                WHERE retention_days IS NOT NULL AND id >= $1 ORDER BY id LIMIT 1
            ), old AS MATERIALIZED (
                SELECT c.project_id, c.id, c.last_seq, p.before FROM p, LATERAL (
                    SELECT project_id, id, last_seq FROM conversations
                    WHERE project_id = p.id AND id > $2
                      AND id < 'conv_' || lpad(to_hex(greatest(0, extract(epoch FROM p.before) * 1000)::bigint), 12, '0')
                    ORDER BY id LIMIT %1$d OFFSET 0) c
            ), idle AS (
                SELECT c.project_id, c.id FROM old JOIN conversations c
                    ON c.project_id = old.project_id AND c.id = old.id AND c.last_seq = old.last_seq
                WHERE coalesce((
                    SELECT i.created_at FROM items i WHERE i.project_id = old.project_id AND i.conversation_id = old.id
                    ORDER BY i.seq DESC LIMIT 1), c.created_at) < old.before
                FOR UPDATE OF c SKIP LOCKED
            ), d AS (
                DELETE FROM conversations c USING idle WHERE c.project_id = idle.project_id AND c.id = idle.id
                RETURNING c.project_id, c.id
            ), t AS (
                INSERT INTO purges (project_id, conversation_id) SELECT project_id, id FROM d
            )
            SELECT p.id AS project, (SELECT max(id) FROM old) AS last, (SELECT count(*) FROM old) AS seen,
                (SELECT count(*) FROM d) AS removed
            FROM p
            """.formatted(BATCH));

    /** The next batch of the sweep, through all projects that keep their conversations for a while only. */
    private Uni<Chore.Batch> deleteIdle(Ticket ticket) {
        return db.query(ticket, IDLE, Tuple.of(project, conversation), rows -> {
            if (rows.size() == 0) {
                project = FIRST;
                conversation = FIRST;
                return new Chore.Batch(0, false);
            }
            Row row = rows.iterator().next();
            boolean more = row.getLong("seen") == BATCH;
            // No character of a project's id is less than that: the next one, whatever its name.
            project = more ? row.getString("project") : row.getString("project") + "!";
            conversation = more ? row.getString("last") : FIRST;
            long removed = row.getLong("removed");
            wakeFor(removed);
            return new Chore.Batch(removed, true);
        });
    }

    private void wakeFor(long removed) {
        if (removed > 0) {
            purger.wake();
        }
    }
}
