package dev.holdfast.db;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many connections are lent to reads of one kind and share: a few at a time do as much as many, and leave those who come
 * meanwhile to go along with one another. One that takes long holds nobody back. Guarded by the pool's lock.
 */
final class Batches {

    /** Several times what most take; 2 ms cost 3 % more CPU, 10 ms gave nothing more. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(5);

    private record Line(String share, Waiter.Kind kind) {}

    private final DbLimits limits;
    private final Map<Line, List<Lease>> underWay = new HashMap<>();

    Batches(DbLimits limits) {
        this.limits = limits;
    }

    void lent(Lease lease) {
        if (lease.kind != null) {
            underWay.computeIfAbsent(new Line(lease.share, lease.kind), line -> new ArrayList<>(2))
                    .add(lease);
        }
    }

    void returned(Lease lease) {
        if (lease.kind != null) {
            underWay.computeIfPresent(new Line(lease.share, lease.kind), (line, leases) -> {
                leases.remove(lease);
                return leases.isEmpty() ? null : leases;
            });
        }
    }

    /** How long at {@code now} until one more may be lent, if none ends; {@link Long#MAX_VALUE} if one may. */
    long untilRoom(String share, Waiter.@Nullable Kind kind, long now) {
        if (kind == null) {
            return Long.MAX_VALUE;
        }
        int toEnd = 1 - room(share, kind, now);
        for (Lease lease : underWay.getOrDefault(new Line(share, kind), List.of())) {
            long young = PATIENCE - (now - lease.since);
            if (young > 0 && --toEnd == 0) {
                return young;
            }
        }
        return Long.MAX_VALUE;
    }

    /** How many more may be lent at {@code now}. */
    int room(String share, Waiter.@Nullable Kind kind, long now) {
        if (kind == null) {
            return Integer.MAX_VALUE;
        }
        List<Lease> leases = underWay.get(new Line(share, kind));
        int room = limits.batches();
        if (leases != null) {
            for (Lease lease : leases) {
                room -= now - lease.since < PATIENCE ? 1 : 0;
            }
        }
        return room;
    }
}
