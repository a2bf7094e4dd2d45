package dev.holdfast.db;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What has become of one kind of statement, its waits and retries included. */
public final class OperationFigures {

    /**
     * The figures at one moment.
     *
     * @param errors by {@link DbException.Kind}
     * @param latency from the call to its answer
     */
    public record View(long succeeded, long retried, Map<String, Long> errors, LatencyFigures latency) {}

    private final LongAdder succeeded = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final Map<DbException.Kind, LongAdder> errors = new ConcurrentHashMap<>();
    private final Latency latency;
    private final RunTime runTime = new RunTime();

    OperationFigures(LongSupplier clock) {
        latency = new Latency(clock);
    }

    void succeeded(long nanos, long now) {
        succeeded.increment();
        latency.record(nanos, now);
    }

    void failed(DbException.Kind kind, long nanos, long now) {
        errors.computeIfAbsent(kind, k -> new LongAdder()).increment();
        latency.record(nanos, now);
    }

    /** Once for each sending that succeeded. */
    void ran(long nanos, long now) {
        runTime.ran(nanos, now);
    }

    /** Whether it may well be done in {@code nanos}: in half of the time that it takes of late it is not. */
    boolean canBeDoneIn(long nanos, long now) {
        return nanos >= runTime.typical(now) / 2;
    }

    void retried() {
        retried.increment();
    }

    View view() {
        Map<String, Long> byKind = new TreeMap<>();
        errors.forEach((kind, count) -> byKind.put(kind.name().toLowerCase(Locale.ROOT), count.sum()));
        return new View(succeeded.sum(), retried.sum(), byKind, latency.figures());
    }
}
