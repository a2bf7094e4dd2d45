package dev.holdfast.db;

import java.time.Duration;
import java.util.Set;

/** The pool's limits, checked together; durations in nanoseconds. */
record DbLimits(
        int maxSize,
        int maxWaiting,
        int connectBurst,
        long acquireTimeout,
        long maxLifetime,
        long idleTimeout,
        long idleCheck,
        long outageAfter,
        long slowQuery) {

    private static final Set<String> SYNCHRONOUS_COMMIT = Set.of("on", "off", "local", "remote_write", "remote_apply");

    DbLimits {
        atLeast(1, maxSize, "holdfast.db.max-size (DB_CONNECTION_LIMIT)");
        atLeast(0, maxWaiting, "holdfast.db.max-waiting (DB_POOL_MAX_WAITING)");
        atLeast(1, connectBurst, "holdfast.db.connect-burst");
        atLeast(1, acquireTimeout, "holdfast.db.acquire-timeout (DB_POOL_TIMEOUT)");
        atLeast(1, maxLifetime, "holdfast.db.max-lifetime (DB_POOL_RECYCLE)");
        atLeast(1, idleTimeout, "holdfast.db.idle-timeout");
        atLeast(0, idleCheck, "holdfast.db.idle-check (DB_POOL_IDLE_CHECK)");
        atLeast(0, outageAfter, "holdfast.db.outage-after");
        atLeast(1, slowQuery, "holdfast.db.slow-query (DB_SLOW_QUERY)");
    }

    /**
     * @throws IllegalArgumentException naming the first setting that is out of range
     */
    static DbLimits of(DbConfig config) {
        atLeast(0, config.statementCacheSize(), "holdfast.db.statement-cache-size (DB_STATEMENT_CACHE_SIZE)");
        atLeast(1, config.connectTimeout().toMillis(), "holdfast.db.connect-timeout (DB_CONNECT_TIMEOUT)");
        atLeast(1, config.monitorInterval().toMillis(), "holdfast.db.monitor-interval");
        wholeMillis(config.statementTimeout(), "holdfast.db.statement-timeout (DB_STATEMENT_TIMEOUT)");
        wholeMillis(
                config.idleInTransactionTimeout(),
                "holdfast.db.idle-in-transaction-timeout (DB_IDLE_IN_TRANSACTION_TIMEOUT)");
        if (!SYNCHRONOUS_COMMIT.contains(config.synchronousCommit())) {
            throw new IllegalArgumentException("holdfast.db.synchronous-commit (DB_SYNCHRONOUS_COMMIT) must be one of "
                    + "on, off, local, remote_write, remote_apply.");
        }
        return new DbLimits(
                config.maxSize(),
                config.maxWaiting(),
                config.connectBurst(),
                config.acquireTimeout().toNanos(),
                config.maxLifetime().toNanos(),
                config.idleTimeout().toNanos(),
                config.idleCheck().toNanos(),
                config.outageAfter().toNanos(),
                config.slowQuery().toNanos());
    }

    private static void wholeMillis(Duration value, String name) {
        if (value.isNegative() || value.toMillis() > Integer.MAX_VALUE || !value.isZero() && value.toMillis() == 0) {
            throw new IllegalArgumentException(name + " must be 0 (none) or from 1 ms to 24 days.");
        }
    }

    private static void atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ".");
        }
    }
}
