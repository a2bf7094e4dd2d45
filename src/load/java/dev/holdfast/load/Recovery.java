package dev.holdfast.load;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How long a spike is felt after its users have begun to leave: until nobody waits, hardly a connection is in use, and a
 * page is answered as ever, for all of the rest of the time.
 */
final class Recovery {

    static final Duration LIMIT = Duration.ofSeconds(12);

    private static final double QUIET_SHARE = 0.1;
    private static final double QUIET_MILLIS = 100;

    private Recovery() {}

    /**
     * @param left when the first user left, on the clock of {@link System#nanoTime()}
     * @return empty if it was not over when the last sample was taken
     */
    static Optional<Duration> of(List<Sample> samples, long left) {
        long felt = left;
        boolean quiet = false;
        for (Sample sample : samples) {
            if (sample.nanos() - left >= 0) {
                quiet = isQuiet(sample);
                felt = quiet ? felt : sample.nanos();
            }
        }
        return quiet ? Optional.of(Duration.ofNanos(felt - left)) : Optional.empty();
    }

    private static boolean isQuiet(Sample sample) {
        return sample.waiting() == 0
                && sample.inUse() <= QUIET_SHARE * sample.maxSize()
                && sample.ownMillis() >= 0
                && sample.ownMillis() <= QUIET_MILLIS;
    }
}
