package dev.holdfast.db;

import java.util.function.DoubleSupplier;

/**
 * Exponential backoff with full jitter: uniformly from nothing up to the step, so that many who failed together do not
 * come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 *
 * @param base the first step, in nanoseconds
 * @param cap the longest step, in nanoseconds
 * @param random uniform in [0, 1)
 */
public record Backoff(long base, long cap, DoubleSupplier random) {

    /** The delay before attempt {@code failures + 1}, in nanoseconds. */
    public long delay(int failures) {
        int doublings = Math.min(Math.max(failures, 1) - 1, 30);
        long step = base > cap >> doublings ? cap : base << doublings;
        return (long) (step * random.getAsDouble());
    }
}
