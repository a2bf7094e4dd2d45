package dev.holdfast.db;

import java.time.Duration;
import java.util.Set;

/**
 * The pool's limits, durations in nanoseconds; {@link #of} checks those while they are still durations.
 *
 * @param shareMaxInUse most connections that one share has at the same time
 * @param shareMaxWaiting most waiters of one share
 * @param connectSpacing mean time from the beginning of one connect attempt to that of the next
 * @param lifoAfter how long the first of a share waits before its newest is served first
 */
record DbLimits(
        int maxSize,
        int maxWaiting,
        int shareMaxInUse,
        int shareMaxWaiting,
        int connectBurst,
        long connectSpacing,
        long lifoAfter,
        long acquireTimeout,
        long maxLifetime,
        long idleTimeout,
        long idleCheck,
        long outageAfter,
        long slowQuery) {

    private static final Set<String> SYNCHRONOUS_COMMIT = Set.of("on", "off", "local", "remote_write", "remote_apply");
    private static final Duration LONGEST_BEAT = Duration.ofSeconds(4);
    private static final Duration LONGEST = Duration.ofDays(24);

    /** About what a PostgreSQL server takes to start a backend: a cold pool of 50 is full in a tenth of a second. */
    private static final Duration CONNECT_SPACING = Duration.ofMillis(2);

    DbLimits {
        atLeast(1, maxSize, "holdfast.db.max-size (DB_CONNECTION_LIMIT)");
        atLeast(0, maxWaiting, "holdfast.db.max-waiting (DB_POOL_MAX_WAITING)");
        atLeast(1, shareMaxInUse, "holdfast.db.project-max-in-use");
        atLeast(0, shareMaxWaiting, "holdfast.db.project-max-waiting");
        atLeast(1, connectBurst, "holdfast.db.connect-burst");
    }

    /**
     * @throws IllegalArgumentException naming the first setting that is out of range
     */
    static DbLimits of(DbConfig config) {
        atLeast(0, config.statementCacheSize(), "holdfast.db.statement-cache-size (DB_STATEMENT_CACHE_SIZE)");
        atLeast(1, config.replicas(), "holdfast.db.replicas (DB_REPLICAS)");
        atLeast(0, config.reservedConnections(), "holdfast.db.reserved-connections (DB_RESERVED_CONNECTIONS)");
        timer(config.connectTimeout(), "holdfast.db.connect-timeout (DB_CONNECT_TIMEOUT)");
        timer(config.monitorInterval(), "holdfast.db.monitor-interval");
        if (config.monitorInterval().compareTo(LONGEST_BEAT) > 0) {
            throw new IllegalArgumentException("holdfast.db.monitor-interval must be at most 4 s,"
                    + " because keys that are revoked stop working with the monitor's beat.");
        }
        timer(config.acquireTimeout(), "holdfast.db.acquire-timeout (DB_POOL_TIMEOUT)");
        timer(config.maxLifetime(), "holdfast.db.max-lifetime (DB_POOL_RECYCLE)");
        timer(config.idleTimeout(), "holdfast.db.idle-timeout");
        timer(config.slowQuery(), "holdfast.db.slow-query (DB_SLOW_QUERY)");
        timerOrNone(config.idleCheck(), "holdfast.db.idle-check (DB_POOL_IDLE_CHECK)");
        timerOrNone(config.outageAfter(), "holdfast.db.outage-after");
        timer(config.lifoAfter(), "holdfast.db.lifo-after");
        timerOrNone(config.statementTimeout(), "holdfast.db.statement-timeout (DB_STATEMENT_TIMEOUT)");
        timerOrNone(
                config.idleInTransactionTimeout(),
                "holdfast.db.idle-in-transaction-timeout (DB_IDLE_IN_TRANSACTION_TIMEOUT)");
        if (!SYNCHRONOUS_COMMIT.contains(config.synchronousCommit())) {
            throw new IllegalArgumentException("holdfast.db.synchronous-commit (DB_SYNCHRONOUS_COMMIT) must be one of "
                    + "on, off, local, remote_write, remote_apply.");
        }
        return new DbLimits(
                config.maxSize(),
                config.maxWaiting(),
                config.projectMaxInUse().orElse(config.maxSize()),
                config.projectMaxWaiting().orElse(config.maxWaiting() - config.maxWaiting() / 2),
                config.connectBurst(),
                CONNECT_SPACING.toNanos(),
                config.lifoAfter().toNanos(),
                config.acquireTimeout().toNanos(),
                config.maxLifetime().toNanos(),
                config.idleTimeout().toNanos(),
                config.idleCheck().toNanos(),
                config.outageAfter().toNanos(),
                config.slowQuery().toNanos());
    }

    private static void timer(Duration value, String name) {
        if (!inRange(value)) {
            throw new IllegalArgumentException(name + " must be from 1 ms to 24 days.");
        }
    }

    private static void timerOrNone(Duration value, String name) {
        if (!value.isZero() && !inRange(value)) {
            throw new IllegalArgumentException(name + " must be 0 or from 1 ms to 24 days.");
        }
    }

    /** PostgreSQL's timeouts are 32-bit milliseconds, and nothing here needs longer ones. */
    private static boolean inRange(Duration value) {
        return value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    private static void atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ".");
        }
    }
}
