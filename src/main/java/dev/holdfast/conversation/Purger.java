package dev.holdfast.conversation;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Removes what belonged to deleted conversations, a small batch at a time, so that no statement holds locks for long. Any
 * number of replicas may do so at once.
 */
@ApplicationScoped
class Purger {

    private static final Logger LOG = Logger.getLogger(Purger.class);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration BATCH_LIMIT = Duration.ofSeconds(30);

    /** No project can have this name. */
    private static final String PROJECT = "(purge)";

    private static final Statement PURGE = Statement.write("conversations.purge", """
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

    private final Vertx vertx;
    private final Database db;
    private final Duration interval;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean asked;
    private volatile boolean failing;
    private long timer;

    Purger(Vertx vertx, Database db, ConversationConfig config) {
        this.vertx = vertx;
        this.db = db;
        this.interval = config.purgeInterval();
        outOfRange(config).refuse();
    }

    static BadSetting.Finder outOfRange(ConversationConfig config) {
        return new BadSetting.Finder()
                .atLeast(SHORTEST, "1 s", config.purgeInterval(), "holdfast.conversation.purge-interval");
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(interval.toMillis(), id -> wake());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /** To be called when there is something to purge; other replicas' leftovers are found in time without it. */
    void wake() {
        asked = true;
        if (running.compareAndSet(false, true)) {
            asked = false;
            vertx.runOnContext(v -> purge().subscribe().with(done -> ended(), this::failed));
        }
    }

    private void failed(Throwable failure) {
        // Once is enough until it works again.
        LOG.logf(
                failing ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Purging deleted conversations failed and is tried again later: %s",
                failure.getMessage());
        failing = true;
        running.set(false);
    }

    private void ended() {
        failing = false;
        running.set(false);
        if (asked) {
            wake();
        }
    }

    /** Batch after batch until nothing is left. */
    private Uni<Void> purge() {
        return Uni.createFrom()
                .deferred(() -> db.query(
                        new Ticket(PROJECT, Deadline.in(BATCH_LIMIT)), PURGE, Tuple.tuple(), rows -> rows.size() > 0))
                .repeat()
                .whilst(more -> more)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
