package dev.holdfast.db;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Time that stands still until a test moves it, and the timers on it. It starts just before the counter wraps round. */
final class ManualClock implements Timers {

    private final long start = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3);
    private final List<Timer> timers = new ArrayList<>();
    private long elapsed;
    private long made;

    private record Timer(long at, long number, Runnable task) {}

    long nanos() {
        return start + elapsed;
    }

    Instant instant() {
        return Instant.EPOCH.plusNanos(elapsed);
    }

    /** How many timers are armed. */
    int armed() {
        return timers.size();
    }

    @Override
    public Runnable after(long nanos, Runnable task) {
        Timer timer = new Timer(elapsed + nanos, made++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    /** Lets {@code duration} pass; every timer runs at its own moment, in order. */
    void advance(Duration duration) {
        long end = elapsed + duration.toNanos();
        while (true) {
            Timer next = timers.stream()
                    .filter(t -> t.at <= end)
                    .min(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number))
                    .orElse(null);
            if (next == null) {
                elapsed = end;
                return;
            }
            elapsed = Math.max(elapsed, next.at);
            timers.remove(next);
            next.task.run();
        }
    }
}
