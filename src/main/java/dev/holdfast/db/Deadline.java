package dev.holdfast.db;

import java.time.Duration;

/**
 * The moment by which a request must have its answer, on the clock of {@link System#nanoTime()}.
 *
 * @param nanos the moment, in nanoseconds of that clock
 */
public record Deadline(long nanos) {

    /** The moment {@code duration} from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** What is left from {@code now} on; zero or less once the deadline has passed. */
    public long remainingNanos(long now) {
        return nanos - now;
    }
}
