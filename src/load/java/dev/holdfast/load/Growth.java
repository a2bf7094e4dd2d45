package dev.holdfast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Whether the service's memory grows under a load that does not: looked at after five minutes, or in the middle of a run
 * that is shorter than ten, and once more just before the end.
 */
final class Growth implements AutoCloseable {

    private static final Duration SETTLED = Duration.ofMinutes(5);
    /** A run that is shorter says nothing of growth: caches still fill, and code is still compiled. */
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(15);

    private static final double HEAP = 1.05;
    private static final double RESIDENT = 1.10;
    private static final double MIB = 1 << 20;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Duration whole;
    private final Future<Memory> early;
    private final Future<Memory> late;

    /**
     * @param pid the service's process
     * @param whole how long the load lasts
     * @param begun when it began, on the clock of {@link System#nanoTime()}
     */
    Growth(long pid, Duration whole, long begun) {
        this.whole = whole;
        Duration half = whole.dividedBy(2);
        Duration first = half.compareTo(SETTLED) < 0 ? half : SETTLED;
        early = at(begun + first.toNanos(), () -> Memory.of(pid));
        late = at(begun + whole.minusSeconds(1).toNanos(), () -> Memory.of(pid));
    }

    private Future<Memory> at(long nanos, Callable<Memory> task) {
        return thread.schedule(task, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    void judge(Outcome.Builder outcome) throws IOException, InterruptedException {
        Memory first = get(early);
        Memory last = get(late);
        compare(outcome, "heap after a collection", first.liveBytes(), last.liveBytes(), HEAP);
        compare(outcome, "resident memory", first.residentBytes(), last.residentBytes(), RESIDENT);
    }

    private static Memory get(Future<Memory> memory) throws IOException, InterruptedException {
        try {
            return memory.get();
        } catch (ExecutionException e) {
            throw new IOException("the service's memory could not be looked at", e.getCause());
        }
    }

    private void compare(Outcome.Builder outcome, String what, long first, long last, double most) {
        double ratio = (double) last / first;
        String figure = String.format(
                Locale.ROOT, "%.1f MiB, then %.1f MiB: %+.1f %%", first / MIB, last / MIB, (ratio - 1) * 100);
        if (whole.compareTo(LONG_ENOUGH) < 0) {
            outcome.noted(what + ", in a run too short to judge", figure);
        } else {
            String target = String.format(Locale.ROOT, "at most %+.0f %%", (most - 1) * 100);
            outcome.check(what, figure, target, ratio <= most);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
