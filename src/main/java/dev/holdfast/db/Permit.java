package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.sqlclient.SqlConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Leave for Vert.x's pool to open one connection, and the attempt that it is used for. It ends once: opened, failed, given up
 * or, where the pool did not need it, unused. Thread-safe.
 */
final class Permit {

    private final Wire wire;
    private final ConnectLog log;
    private final Lender.Attempt attempt;
    private final long startedAt = System.nanoTime();
    private boolean claimed;
    private boolean givenUp;
    private @Nullable Runnable stop;

    Permit(Wire wire, ConnectLog log, Lender.Attempt attempt) {
        this.wire = wire;
        this.log = log;
        this.attempt = attempt;
    }

    /** Whether the caller is the one that uses or ends it. */
    synchronized boolean claim() {
        boolean mine = !claimed;
        claimed = true;
        return mine;
    }

    /**
     * Opens the connection, once it is claimed.
     *
     * @return what the pool is to keep, on {@code home}
     */
    Future<SqlConnection> open(ContextInternal home) {
        Wire.Opening opening = wire.open(home, wire.timeout());
        boolean tooLate;
        synchronized (this) {
            stop = opening.giveUp();
            tooLate = givenUp;
        }
        if (tooLate) {
            opening.giveUp().run();
        }
        return opening.link()
                .onFailure(cause -> failed(ConnectFailure.of(cause)))
                .map(this::opened);
    }

    private SqlConnection opened(PgLink link) {
        SqlConnection connection = link.pooled();
        log.succeeded();
        attempt.opened(link);
        return connection;
    }

    private void failed(ConnectFailure failure) {
        log.failed(failure);
        attempt.failed(failure);
    }

    /** Makes it fail, if it has not ended. */
    void giveUp() {
        Runnable running;
        synchronized (this) {
            givenUp = true;
            running = stop;
        }
        if (running == null) {
            expire();
        } else {
            running.run();
        }
    }

    /** Makes it fail, if the pool has not used it. */
    void expire() {
        if (claim()) {
            failed(ConnectFailure.timeout(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt)));
        }
    }

    /** The pool has answered without it. */
    void unused() {
        if (claim()) {
            attempt.unused();
        }
    }
}
