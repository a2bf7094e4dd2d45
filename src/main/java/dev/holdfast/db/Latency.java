package dev.holdfast.db;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/** Durations of the last one to two minutes, in percentiles exact to one hundredth. */
final class Latency {

    private static final long SPAN = TimeUnit.MINUTES.toNanos(1);
    private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private final LongSupplier clock;
    private volatile Pair pair;

    private record Pair(long startedAt, AtomicHistogram current, AtomicHistogram previous) {}

    Latency(LongSupplier clock) {
        this.clock = clock;
        this.pair = new Pair(clock.getAsLong(), histogram(), histogram());
    }

    void record(long nanos, long now) {
        long micros = Math.min(Math.max(TimeUnit.NANOSECONDS.toMicros(nanos), 0), HIGHEST_MICROS);
        at(now).current.recordValue(micros);
    }

    /** Percentiles in milliseconds; all zero while there is nothing. */
    LatencyFigures figures() {
        Pair now = at(clock.getAsLong());
        Histogram sum = new Histogram(HIGHEST_MICROS, 2);
        sum.add(now.current);
        sum.add(now.previous);
        return new LatencyFigures(
                sum.getTotalCount(),
                sum.getValueAtPercentile(50) / 1000.0,
                sum.getValueAtPercentile(95) / 1000.0,
                sum.getValueAtPercentile(99) / 1000.0,
                sum.getMaxValue() / 1000.0);
    }

    @SuppressWarnings("ReferenceEquality") // whether somebody else has replaced it meanwhile
    private Pair at(long now) {
        Pair seen = pair;
        if (now - seen.startedAt < SPAN) {
            return seen;
        }
        synchronized (this) {
            if (pair == seen) {
                boolean adjacent = now - seen.startedAt < 2 * SPAN;
                long startedAt = adjacent ? seen.startedAt + SPAN : now;
                pair = new Pair(startedAt, histogram(), adjacent ? seen.current : histogram());
            }
            return pair;
        }
    }

    private static AtomicHistogram histogram() {
        return new AtomicHistogram(HIGHEST_MICROS, 2);
    }
}
