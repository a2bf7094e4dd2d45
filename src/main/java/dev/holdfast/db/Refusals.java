package dev.holdfast.db;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Why somebody who asked for a connection gets none, with the pool's counts at that moment. */
final class Refusals {

    private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(1);

    private Refusals() {}

    static DbException tooLate(Waiter waiter, long now, String counts) {
        boolean request = waiter.endsWithRequest();
        long waited = TimeUnit.NANOSECONDS.toMillis(now - waiter.askedAt);
        String what = request
                ? "The request's deadline passed after " + waited + " ms of waiting for a connection"
                : "No connection within " + waited + " ms";
        return Failures.of(
                request ? DbException.Kind.DEADLINE_EXCEEDED : DbException.Kind.ACQUIRE_TIMEOUT,
                what + ": " + counts,
                request ? null : BUSY_RETRY_AFTER,
                null);
    }

    static DbException queueFull(String counts) {
        return Failures.of(
                DbException.Kind.QUEUE_FULL, "The queue for connections is full: " + counts, BUSY_RETRY_AFTER, null);
    }

    /**
     * @param inUse of this share alone
     * @param waiting of this share alone
     */
    static DbException shareFull(int inUse, int waiting, String counts) {
        return Failures.of(
                DbException.Kind.SHARE_EXCEEDED,
                "The project's part of the queue for connections is full: " + inUse + " in use and " + waiting
                        + " waiting are its own; of all projects " + counts,
                BUSY_RETRY_AFTER,
                null);
    }

    static DbException shuttingDown() {
        return Failures.of(DbException.Kind.UNAVAILABLE, "This replica is shutting down.", Duration.ofSeconds(1), null);
    }
}
