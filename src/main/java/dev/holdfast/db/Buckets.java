package dev.holdfast.db;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Durations since the start, counted in fixed buckets: unlike percentiles these add up over replicas and over time.
 * Recording takes no lock and allocates nothing.
 */
public final class Buckets {

    // 400 ms and 5 s are there because alerts and the slow-work log ask for just these.
    private static final long[] BOUNDS_MICROS = {
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        400_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        30_000_000
    };

    /** The buckets' upper bounds in seconds, each inclusive, as Prometheus writes them; the last bucket has none. */
    public static final List<String> BOUNDS = Arrays.stream(BOUNDS_MICROS)
            .mapToObj(
                    micros -> BigDecimal.valueOf(micros, 6).stripTrailingZeros().toPlainString())
            .toList();

    /**
     * The counts at one moment.
     *
     * @param cumulative how many durations were at most as long as each of {@link #BOUNDS}, and then how many there were
     * @param sumSeconds all durations together
     */
    public record View(List<Long> cumulative, double sumSeconds) {

        public View {
            if (cumulative.size() != BOUNDS.size() + 1) {
                throw new IllegalArgumentException(cumulative.size() + " counts for " + BOUNDS.size() + " bounds");
            }
            cumulative = List.copyOf(cumulative);
        }

        /** How many durations there were. */
        public long count() {
            return cumulative.get(cumulative.size() - 1);
        }
    }

    private final LongAdder[] counts = new LongAdder[BOUNDS_MICROS.length + 1];
    private final LongAdder sumMicros = new LongAdder();

    public Buckets() {
        Arrays.setAll(counts, i -> new LongAdder());
    }

    /** @param nanos the duration; one below zero counts as zero */
    public void record(long nanos) {
        long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
        int bucket = 0;
        while (bucket < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sumMicros.add(micros);
    }

    /** The counts now. */
    public View view() {
        List<Long> cumulative = new ArrayList<>(counts.length);
        long sum = 0;
        for (LongAdder count : counts) {
            sum += count.sum();
            cumulative.add(sum);
        }
        return new View(cumulative, sumMicros.sum() / 1e6);
    }
}
