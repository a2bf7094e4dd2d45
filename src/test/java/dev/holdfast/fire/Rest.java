package dev.holdfast.fire;

import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.testkit.AtRest;
import dev.holdfast.testkit.OwnServer;

/** The service with no work under way, on a server that nobody else uses. */
final class Rest {

    private Rest() {}

    /** Waits for it, and checks all that must be true then. */
    static PoolFigures of(Database pool, Monitor monitor, OwnServer database) {
        return AtRest.of(pool, () -> {
            await().until(() -> monitor.state().state() == DatabaseState.State.OK);
            // One is the monitor's.
            return database.backends("%") - 1;
        });
    }
}
