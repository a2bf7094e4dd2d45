package dev.holdfast.http;

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

/** Removes answers that are no longer given again, a small batch at a time; any number of replicas may do so at once. */
@ApplicationScoped
class IdempotencyPurge {

    private static final Logger LOG = Logger.getLogger(IdempotencyPurge.class);
    static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration BATCH_LIMIT = Duration.ofSeconds(30);
    private static final int BATCH = 500;

    /** No project can have this name. */
    private static final String PROJECT = "(purge)";

    private final Vertx vertx;
    private final Database db;
    private final Duration interval;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean failing;
    private long timer;

    IdempotencyPurge(Vertx vertx, Database db, HttpConfig config) {
        this.vertx = vertx;
        this.db = db;
        this.interval = config.idempotencyPurgeInterval();
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(interval.toMillis(), id -> run());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    private void run() {
        if (running.compareAndSet(false, true)) {
            purge().onTermination()
                    .invoke(() -> running.set(false))
                    .subscribe()
                    .with(done -> failing = false, failure -> {
                        LOG.logf(
                                failing ? Logger.Level.DEBUG : Logger.Level.WARN,
                                "Removing old idempotency keys failed and is tried again later: %s",
                                failure.getMessage());
                        failing = true;
                    });
        }
    }

    private static final Statement PURGE = Statement.write("idempotency.purge", """
            DELETE FROM idempotency_keys WHERE (project_id, key) IN (
                SELECT project_id, key FROM idempotency_keys
                WHERE created_at < now() - interval '24 hours'
                ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            """);

    /** Batch after batch until nothing is left that is old. */
    Uni<Void> purge() {
        return Uni.createFrom()
                .deferred(() -> db.query(
                        new Ticket(PROJECT, Deadline.in(BATCH_LIMIT)),
                        PURGE,
                        Tuple.of(BATCH),
                        rows -> rows.rowCount() == BATCH))
                .repeat()
                .whilst(more -> more)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
