package dev.holdfast.db;

import java.util.concurrent.TimeUnit;

/**
 * How long one kind of statement takes of late, so that none is begun that can't be done in time. What it knows fades away
 * within seconds: were it not so, one slow moment could have every later request refused, and nothing would ever show that
 * it has passed.
 */
final class RunTime {

    /** A sample's weight in the moving average is one in 8. */
    private static final int SHARE = 3;

    private static final long HALVES_IN = TimeUnit.SECONDS.toNanos(1);

    private record Typical(long nanos, long at) {}

    private volatile Typical typical = new Typical(0, 0);

    void ran(long nanos, long now) {
        long before = typical(now);
        typical = new Typical(before == 0 ? nanos : before + ((nanos - before) >> SHARE), now);
    }

    /** In nanoseconds; less and less the longer nothing has run. */
    long typical(long now) {
        Typical seen = typical;
        long halvings = (now - seen.at) / HALVES_IN;
        return halvings >= Long.SIZE - 1 || halvings < 0 ? 0 : seen.nanos >> halvings;
    }
}
