package dev.holdfast.db;

import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What has happened in the pool, and who has its connections; guarded by the pool's lock. Every request for a connection is
 * counted in exactly one of the outcomes, or still waits.
 */
final class PoolLedger {

    final LongAdder asked = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder connectFailed = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
    private final LongAdder acquired = new LongAdder();
    private final LongAdder batched = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder sslReconnects = new LongAdder();

    private final DbLimits limits;
    private final InstantSource wallClock;
    private final Latency acquire;
    private final Latency usage;
    final Buckets acquireBuckets = new Buckets();
    final Buckets usageBuckets = new Buckets();
    private final Map<String, Integer> inUseByShare = new HashMap<>();
    private int inUse;
    private long saturatedSince;
    private int encryptedDrops;
    private PoolFigures.@Nullable Drop lastDrop;

    PoolLedger(DbLimits limits, LongSupplier clock, InstantSource wallClock) {
        this.limits = limits;
        this.wallClock = wallClock;
        this.acquire = new Latency(clock);
        this.usage = new Latency(clock);
    }

    /** Connections that are lent. */
    int inUse() {
        return inUse;
    }

    /** Those of them that one share has. */
    int inUse(String share) {
        return inUseByShare.getOrDefault(share, 0);
    }

    /** Thread-safe, unlike the rest. */
    LatencyFigures acquire() {
        return acquire.figures();
    }

    /** Thread-safe, unlike the rest. */
    LatencyFigures usage() {
        return usage.figures();
    }

    void lent(Lease lease) {
        if (++inUse == limits.maxSize()) {
            saturatedSince = lease.since;
        }
        inUseByShare.merge(lease.share, 1, Integer::sum);
        acquired.increment();
        acquire.record(lease.waitedNanos, lease.since);
        acquireBuckets.record(lease.waitedNanos);
    }

    /** Somebody who has waited is served by another's connection. */
    void wentAlong(long waitedNanos, long now) {
        acquired.increment();
        batched.increment();
        acquire.record(waitedNanos, now);
        acquireBuckets.record(waitedNanos);
    }

    void returned(Lease lease, long now) {
        inUse--;
        inUseByShare.computeIfPresent(lease.share, (p, n) -> n == 1 ? null : n - 1);
        usage.record(now - lease.since, now);
        usageBuckets.record(now - lease.since);
    }

    void opened(Link link) {
        opened.increment();
        if (link.encrypted() && encryptedDrops > 0) {
            encryptedDrops--;
            sslReconnects.increment();
        }
    }

    /** A connection ended without our doing. */
    void dropped(Link link, String reason) {
        dropped.increment();
        if (link.encrypted()) {
            encryptedDrops++;
        }
        lastDrop = new PoolFigures.Drop(wallClock.instant(), reason);
    }

    /**
     * All of it at this moment, with what the pool knows.
     *
     * @param opening being opened or checked
     * @param open connections that are open, whatever they are doing
     * @param encrypted how many of those are
     */
    PoolFigures figures(
            long now,
            int idle,
            int opening,
            int open,
            int encrypted,
            Gate gate,
            @Nullable String lastConnectError,
            LatencyFigures acquireFigures,
            LatencyFigures usageFigures) {
        Waiter oldest = gate.oldest();
        return new PoolFigures(
                limits.maxSize(),
                inUse,
                idle,
                opening,
                gate.size(),
                limits.maxWaiting(),
                oldest == null ? 0 : TimeUnit.NANOSECONDS.toMillis(now - oldest.askedAt),
                acquireFigures,
                usageFigures,
                asked.sum(),
                acquired.sum(),
                batched.sum(),
                timedOut.sum(),
                rejected.sum(),
                cancelled.sum(),
                connectFailed.sum(),
                refused.sum(),
                opened.sum(),
                closed.sum(),
                dropped.sum(),
                sslReconnects.sum(),
                connectFailures.sum(),
                lastDrop,
                lastConnectError,
                encrypted,
                open - encrypted,
                inUse < limits.maxSize() ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(now - saturatedSince)),
                projects(gate));
    }

    private List<PoolFigures.Project> projects(Gate gate) {
        Map<String, Integer> waiting = gate.byShare();
        Set<String> names = new TreeSet<>(inUseByShare.keySet());
        names.addAll(waiting.keySet());
        return names.stream()
                .map(name -> new PoolFigures.Project(name, inUse(name), waiting.getOrDefault(name, 0)))
                .sorted(Comparator.comparingInt(PoolFigures.Project::inUse).reversed())
                .toList();
    }
}
