package dev.holdfast.conversation;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.Chore;
import dev.holdfast.db.Chores;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Removes what belonged to deleted conversations, a small batch at a time, so that no statement holds locks for long. */
@Startup
@ApplicationScoped
class Purger {

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    static final Statement PURGE = Statement.write("conversations.purge", """
            WITH p AS (
                SELECT project_id, conversation_id FROM purges LIMIT 1 FOR UPDATE SKIP LOCKED
            ), i AS (
                DELETE FROM items t USING p
                WHERE t.project_id = p.project_id AND t.conversation_id = p.conversation_id
                  AND t.seq IN (
                    SELECT s.seq FROM items s, p
                    WHERE s.project_id = p.project_id AND s.conversation_id = p.conversation_id
                    ORDER BY s.seq LIMIT 1000)
                RETURNING t.seq
            ), n AS (
                SELECT count(*) AS purged FROM i
            ), d AS (
                DELETE FROM purges u USING p, n
                WHERE u.project_id = p.project_id AND u.conversation_id = p.conversation_id AND n.purged < 1000
            )
            SELECT n.purged FROM p, n
            """);

    private final Database db;
    private final Chore chore;

    Purger(Database db, Chores chores, ConversationConfig config) {
        this.db = db;
        outOfRange(config).refuse();
        this.chore = chores.add("items", config.purgeInterval(), this::purge);
    }

    static BadSetting.Finder outOfRange(ConversationConfig config) {
        return new BadSetting.Finder()
                .atLeast(SHORTEST, "1 s", config.purgeInterval(), "holdfast.conversation.purge-interval")
                .atLeast(SHORTEST, "1 s", config.retentionInterval(), "holdfast.conversation.retention-interval");
    }

    /** To be called when there is something to purge. */
    void wake() {
        chore.wake();
    }

    private Uni<Chore.Batch> purge(Ticket ticket) {
        return db.query(ticket, PURGE, Tuple.tuple(), rows -> {
            long purged = rows.size() == 0 ? 0 : rows.iterator().next().getLong("purged");
            return new Chore.Batch(purged, rows.size() > 0);
        });
    }
}
