package dev.holdfast.fire;

import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/** Where the random numbers of a test come from: printed, so that {@code -Dfire.seed=} can bring them again. */
final class Seed {

    private Seed() {}

    static SplittableRandom random(Object test) {
        long seed = Long.getLong("fire.seed", ThreadLocalRandom.current().nextLong());
        System.out.println(test.getClass().getSimpleName() + ": fire.seed=" + seed);
        return new SplittableRandom(seed);
    }
}
