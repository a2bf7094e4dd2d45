package dev.holdfast.db;

import dev.holdfast.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;

/** The database's side of one replica, for tests of what several of them do with one PostgreSQL. */
public final class Replica implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final Monitor monitor;

    /** @param beat how often the monitor asks by itself */
    public Replica(TestDatabase server, Duration beat) {
        TestConfig config = new TestConfig();
        config.url = Optional.of(server.url());
        database = Databases.of(vertx, config);
        // Longer than the service would take, so that a test can see what comes without a beat.
        config.monitorInterval = beat;
        monitor = new Monitor(vertx, database, config);
    }

    public Vertx vertx() {
        return vertx;
    }

    public Database database() {
        return database;
    }

    public Monitor monitor() {
        return monitor;
    }

    /** To be called when all watches are there. */
    public void start() {
        monitor.start(null);
    }

    /** Its monitor asks no more. */
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
