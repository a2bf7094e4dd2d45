package dev.holdfast.db;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Keeps a message that comes a thousand times a second from flooding the log, and none from getting lost uncounted. */
final class Repeats {

    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_KINDS = 200;
    private static final String REST = "Other repeated messages";

    private final LongSupplier clock;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();

    /** What has come of one kind since it was last spoken of. */
    private record Run(long since, long leftOut) {}

    /** Is told how many messages of a kind were left out in so many seconds. */
    interface Report {
        void leftOut(String kind, long count, long seconds);
    }

    Repeats(LongSupplier clock) {
        this.clock = clock;
    }

    /** Whether a message of this kind is to be logged: the first is, those of the next ten seconds are only counted. */
    boolean first(String kind) {
        // Kinds are few, but some name what the network said; their number must not grow without bound.
        String counted = runs.size() < MOST_KINDS || runs.containsKey(kind) ? kind : REST;
        Run run = runs.compute(
                counted, (k, r) -> r == null ? new Run(clock.getAsLong(), 0) : new Run(r.since, r.leftOut + 1));
        return run.leftOut == 0;
    }

    /** Reports what was left out where ten seconds are over; to be called about once a second. */
    void sweep(Report report) {
        long now = clock.getAsLong();
        runs.forEach((kind, run) -> {
            long lasted = now - run.since;
            if (lasted < INTERVAL) {
                return;
            }
            // Where it goes on, the count is this interval's message; the kind is forgotten after a quiet one.
            boolean quiet = run.leftOut == 0;
            boolean taken = quiet ? runs.remove(kind, run) : runs.replace(kind, run, new Run(now, 0));
            if (taken && !quiet) {
                report.leftOut(kind, run.leftOut, TimeUnit.NANOSECONDS.toSeconds(lasted));
            }
        });
    }
}
