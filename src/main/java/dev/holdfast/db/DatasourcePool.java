package dev.holdfast.db;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgPool;
import io.vertx.sqlclient.PoolOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Makes the datasource's pool. Its size and its queue are bounded as configured; who waits waits in {@link ConnectionPool},
 * and what ages is ended by it, so the pool's own limits of time are off:
 *
 * <ul>
 *   <li>its connection timeout loses slots for good: it hands a connection to a waiter that has timed out
 *   <li>its idle timeout and maximum lifetime pass over busy connections, and free a slot before the socket is closed
 *   <li>its number of event loops would put a connection on another loop than the one that asked for it
 * </ul>
 *
 * <p>Its queue is for the moment between the end of a connection and the pool's own notice of it.
 */
@Singleton
final class DatasourcePool implements PgPoolCreator {

    final SessionOptions session;
    final DbLimits limits;
    final Wire wire;
    final Homes homes;
    final PoolDriver driver;

    @Inject
    DatasourcePool(Vertx vertx, DbConfig config) {
        session = new SessionOptions(config);
        limits = DbLimits.of(config);
        wire = new Wire(vertx, session, session.connectTimeout(config));
        homes = new Homes(vertx);
        driver = new PoolDriver(homes);
    }

    /** The URL and the options that Quarkus knows are placeholders: all settings are {@link DbConfig}'s. */
    @Override
    public PgPool create(Input input) {
        return create(input.vertx());
    }

    PgPool create(Vertx vertx) {
        return (PgPool) driver.createPool(vertx, () -> Future.succeededFuture(session.options()), options());
    }

    PoolOptions options() {
        return new PoolOptions()
                .setMaxSize(limits.maxSize())
                // A connect attempt counts as waiting; 0 and -1 have other meanings.
                .setMaxWaitQueueSize(Math.max(limits.maxSize(), limits.maxWaiting()))
                .setConnectionTimeout(0)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(0)
                .setMaxLifetime(0)
                .setEventLoopSize(0);
    }
}
