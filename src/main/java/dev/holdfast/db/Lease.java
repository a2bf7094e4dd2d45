package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/**
 * A connection that somebody has; it ends by the first call of one of its methods; later
 * ones do nothing.
 */
final class Lease {

    private final ConnectionPool pool;
    final PoolEntry entry;
    final String share;
    final Waiter.@Nullable Kind kind;
    final long waitedNanos;
    final long since;
    boolean over;

    Lease(ConnectionPool pool, PoolEntry entry, Waiter waiter, long since) {
        this.pool = pool;
        this.entry = entry;
        this.share = waiter.ticket().share();
        this.kind = waiter.kind();
        this.waitedNanos = since - waiter.askedAt;
        this.since = since;
    }

    Link link() {
        return entry.link;
    }

    /** Gives the connection back, with nothing under way on it. */
    void release() {
        pool.release(this);
    }

    /** Gives up a connection of which nobody knows what it is doing: it is closed at once. */
    void jettison(String reason) {
        pool.jettison(this, reason, false);
    }

    /** As {@link #jettison}, for a connection that PostgreSQL or the network ended. */
    void lost(Throwable cause) {
        pool.jettison(this, ConnectionPool.reasonOf(cause, true), true);
    }
}
