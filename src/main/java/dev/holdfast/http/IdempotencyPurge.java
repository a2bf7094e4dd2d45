package dev.holdfast.http;

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

/** Removes answers that are no longer given again. */
@Startup
@ApplicationScoped
class IdempotencyPurge {

    static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final int BATCH = 500;

    private final Database db;
    private final Chore chore;

    IdempotencyPurge(Database db, Chores chores, HttpConfig config) {
        this.db = db;
        this.chore = chores.add("idempotency_keys", config.idempotencyPurgeInterval(), this::purge);
    }

    static final Statement PURGE = Statement.write("idempotency.purge", """
            DELETE FROM idempotency_keys WHERE (project_id, key) IN (
                SELECT project_id, key FROM idempotency_keys
                WHERE created_at < now() - interval '24 hours'
                ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            """);

    private Uni<Chore.Batch> purge(Ticket ticket) {
        return db.query(ticket, PURGE, Tuple.of(BATCH), rows -> Chore.Batch.of(rows.rowCount(), BATCH));
    }

    /** Batch after batch until nothing is left that is old. */
    Uni<Void> purge() {
        return chore.run();
    }
}
