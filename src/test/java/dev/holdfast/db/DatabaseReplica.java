package dev.holdfast.db;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;

/** What a further replica of the service has of this package: a pool and a monitor of its own, on threads of its own. */
public final class DatabaseReplica implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final Monitor monitor;

    /** @param beat how often its monitor asks */
    public DatabaseReplica(String url, Duration beat) {
        TestConfig config = new TestConfig();
        config.url = Optional.of(url);
        config.monitorInterval = beat;
        database = new Database(vertx, config);
        monitor = new Monitor(vertx, database, config);
    }

    public Database database() {
        return database;
    }

    public Monitor monitor() {
        return monitor;
    }

    /** Begins to ask; what is to be watched must be registered. */
    public void start() {
        monitor.start(null);
    }

    /** Asks no more. */
    public void stop() {
        monitor.stop(null);
    }

    @Override
    public void close() {
        stop();
        database.shutDown(null);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
