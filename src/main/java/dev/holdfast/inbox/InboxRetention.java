package dev.holdfast.inbox;

import dev.holdfast.db.Chore;
import dev.holdfast.db.Chores;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.SortableId;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;

/** Removes messages that were delivered, or set aside, long ago: by the time of their acceptance, with which ids begin. */
@Startup
@ApplicationScoped
class InboxRetention {

    private static final int BATCH = 500;

    private final InstantSource clock = InstantSource.system();
    private final Database db;
    private final Chore done;
    private final Chore dead;

    InboxRetention(Database db, Chores chores, InboxConfig config) {
        InboxConfig.check(config);
        this.db = db;
        this.done = chores.add(
                "inbox_messages", config.purgeInterval(), ticket -> purge(ticket, "done", config.keepDone()));
        this.dead = chores.add(
                "inbox_messages", config.purgeInterval(), ticket -> purge(ticket, "dead", config.keepDead()));
    }

    /** All that there is to do now. */
    Uni<Void> run() {
        return done.run().chain(dead::run);
    }

    static final Statement PURGE = Statement.write("inbox.purge", """
            DELETE FROM inbox_messages WHERE (project_id, id) IN (
                SELECT project_id, id FROM inbox_messages WHERE state = $1 AND id < $2
                ORDER BY id LIMIT %d FOR UPDATE SKIP LOCKED)
            """.formatted(BATCH));

    private Uni<Chore.Batch> purge(Ticket ticket, String state, Duration keep) {
        String before = SortableId.from(InboxResource.ID_PREFIX, clock.millis() - keep.toMillis());
        return db.query(ticket, PURGE, Tuple.of(state, before), rows -> Chore.Batch.of(rows.rowCount(), BATCH));
    }
}
