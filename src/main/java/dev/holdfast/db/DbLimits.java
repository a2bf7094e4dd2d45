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
 * @param batches statements of one {@link BatchRead} and share that are under way at a time, unless they take long: one for
 *     every two processors
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
        long slowQuery,
        int batches) {

    private static final Set<String> SYNCHRONOUS_COMMIT = Set.of("on", "off", "local", "remote_write", "remote_apply");
    private static final Duration LONGEST_BEAT = Duration.ofSeconds(4);
    private static final Duration LONGEST = Duration.ofDays(24);

    /** About what a PostgreSQL server takes to start a backend: a cold pool of 50 is full in a tenth of a second. */
    private static final Duration CONNECT_SPACING = Duration.ofMillis(2);

    private static final int YIELDING_PART = 4;

    DbLimits {
        counts(new BadSetting.Finder(), maxSize, maxWaiting, shareMaxInUse, shareMaxWaiting, connectBurst)
                .refuse();
    }

    /** The settings that are out of range. */
    static BadSetting.Finder outOfRange(DbConfig config) {
        BadSetting.Finder finder = new BadSetting.Finder();
        counts(
                        finder,
                        config.maxSize(),
                        config.maxWaiting(),
                        config.projectMaxInUse().orElse(1),
                        config.projectMaxWaiting().orElse(0),
                        config.connectBurst())
                .atLeast(0, config.statementCacheSize(), "holdfast.db.statement-cache-size (DB_STATEMENT_CACHE_SIZE)")
                .atLeast(1, config.replicas(), "holdfast.db.replicas (DB_REPLICAS)")
                .atLeast(0, config.reservedConnections(), "holdfast.db.reserved-connections (DB_RESERVED_CONNECTIONS)");
        timer(finder, config.connectTimeout(), "holdfast.db.connect-timeout (DB_CONNECT_TIMEOUT)");
        timer(finder, config.monitorInterval(), "holdfast.db.monitor-interval");
        timer(finder, config.acquireTimeout(), "holdfast.db.acquire-timeout (DB_POOL_TIMEOUT)");
        timer(finder, config.maxLifetime(), "holdfast.db.max-lifetime (DB_POOL_RECYCLE)");
        timer(finder, config.idleTimeout(), "holdfast.db.idle-timeout");
        timer(finder, config.slowQuery(), "holdfast.db.slow-query (DB_SLOW_QUERY)");
        timerOrNone(finder, config.idleCheck(), "holdfast.db.idle-check (DB_POOL_IDLE_CHECK)");
        timerOrNone(finder, config.outageAfter(), "holdfast.db.outage-after");
        timer(finder, config.lifoAfter(), "holdfast.db.lifo-after");
        timerOrNone(finder, config.statementTimeout(), "holdfast.db.statement-timeout (DB_STATEMENT_TIMEOUT)");
        timerOrNone(
                finder,
                config.idleInTransactionTimeout(),
                "holdfast.db.idle-in-transaction-timeout (DB_IDLE_IN_TRANSACTION_TIMEOUT)");
        return finder.check(
                        config.monitorInterval().compareTo(LONGEST_BEAT) <= 0,
                        "holdfast.db.monitor-interval",
                        "must be at most 4 s, because keys that are revoked stop working with the monitor's beat.")
                .check(
                        SYNCHRONOUS_COMMIT.contains(config.synchronousCommit()),
                        "holdfast.db.synchronous-commit (DB_SYNCHRONOUS_COMMIT)",
                        "must be one of on, off, local, remote_write, remote_apply.");
    }

    private static BadSetting.Finder counts(
            BadSetting.Finder finder,
            int maxSize,
            int maxWaiting,
            int shareMaxInUse,
            int shareMaxWaiting,
            int connectBurst) {
        return finder.atLeast(1, maxSize, "holdfast.db.max-size (DB_CONNECTION_LIMIT)")
                .atLeast(0, maxWaiting, "holdfast.db.max-waiting (DB_POOL_MAX_WAITING)")
                .atLeast(1, shareMaxInUse, "holdfast.db.project-max-in-use")
                .atLeast(0, shareMaxWaiting, "holdfast.db.project-max-waiting")
                .atLeast(1, connectBurst, "holdfast.db.connect-burst");
    }

    /**
     * @throws IllegalArgumentException naming the first setting that is out of range
     */
    static DbLimits of(DbConfig config) {
        outOfRange(config).refuse();
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
                config.slowQuery().toNanos(),
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    private static void timer(BadSetting.Finder finder, Duration value, String name) {
        finder.check(inRange(value), name, "must be from 1 ms to 24 days.");
    }

    private static void timerOrNone(BadSetting.Finder finder, Duration value, String name) {
        finder.check(value.isZero() || inRange(value), name, "must be 0 or from 1 ms to 24 days.");
    }

    /** PostgreSQL's timeouts are 32-bit milliseconds, and nothing here needs longer ones. */
    private static boolean inRange(Duration value) {
        return value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    /** Most connections that this share has at the same time. */
    int most(String share) {
        return Ticket.yields(share) ? Math.min(shareMaxInUse, Math.max(1, maxSize / YIELDING_PART)) : shareMaxInUse;
    }
}
