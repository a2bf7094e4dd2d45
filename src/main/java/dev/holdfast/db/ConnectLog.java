package dev.holdfast.db;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Says in the log that connect attempts fail, and that they succeed again. */
final class ConnectLog {

    // As the database's, whose connections they are.
    private static final Logger LOG = Logger.getLogger(Database.class);

    private final Function<String, Logger.Level> level;
    private final AtomicReference<@Nullable String> lastFailure = new AtomicReference<>();

    /** @param level of a line, of which there may have been many of late */
    ConnectLog(Function<String, Logger.Level> level) {
        this.level = level;
    }

    void succeeded() {
        String failing = lastFailure.getAndSet(null);
        if (failing != null) {
            LOG.infof("Connect attempts succeed again; the last one failed: %s", failing);
        }
    }

    void failed(ConnectFailure failure) {
        lastFailure.set(failure.getMessage());
        String what = "A connect attempt failed: " + failure.getMessage();
        LOG.log(level.apply(what), what);
    }
}
