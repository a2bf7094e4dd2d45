package dev.holdfast.db;

/** A connection that somebody has; it ends by exactly one of {@link #release} and {@link #jettison}, later calls do nothing. */
final class Lease {

    private final ConnectionPool pool;
    final PoolEntry entry;
    final String project;
    final long waitedNanos;
    final long since;
    boolean over;

    Lease(ConnectionPool pool, PoolEntry entry, String project, long waitedNanos, long since) {
        this.pool = pool;
        this.entry = entry;
        this.project = project;
        this.waitedNanos = waitedNanos;
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
        pool.jettison(this, reason);
    }
}
