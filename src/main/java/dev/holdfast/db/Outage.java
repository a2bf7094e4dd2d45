package dev.holdfast.db;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** How connect attempts have been going; guarded by the pool's lock. */
final class Outage {

    private final Backoff backoff;
    private final long after;
    private int failures;
    private long failingSince;
    private long nextAttemptAt;
    private @Nullable ConnectFailure last;
    private boolean down;

    /**
     * @param after how long attempts must have failed before the database counts as down, in nanoseconds
     */
    Outage(Backoff backoff, long after) {
        this.backoff = backoff;
        this.after = after;
    }

    void succeeded() {
        failures = 0;
        last = null;
        down = false;
    }

    /**
     * @param noneLeft whether no connection is open that requests could go on with; asked once it is known since when
     *     attempts have been failing
     * @return how long to wait before the next attempt, in nanoseconds
     */
    long failed(ConnectFailure failure, long startedAt, long now, LongPredicate noneLeft) {
        if (failures++ == 0) {
            failingSince = startedAt;
        }
        last = failure;
        boolean hopeless = failure.kind() == DbException.Kind.CREDENTIALS_REJECTED;
        down = noneLeft.test(failingSince) && (down || hopeless || now - failingSince >= after);
        long delay = backoff.delay(failures);
        nextAttemptAt = now + delay;
        return delay;
    }

    /** A connection that there is has answered: requests can go on with it, though attempts may fail still. */
    void answered() {
        down = false;
    }

    /** Whether requests are to be refused at once. */
    boolean down() {
        return down;
    }

    /** Whether requests are refused because PostgreSQL can't be reached, and not because it turns us away. */
    boolean unreachable() {
        return down && last != null && last.kind() == DbException.Kind.UNAVAILABLE;
    }

    /** When the first attempt of those that have failed began; only while attempts fail. */
    long failingSince() {
        return failingSince;
    }

    /** Whether attempts fail at present, so that one at a time is enough. */
    boolean failing() {
        return failures > 0;
    }

    /** How long at {@code now} until the next attempt may begin, in nanoseconds; 0 if it may. */
    long untilAttempt(long now) {
        return failures == 0 ? 0 : Math.max(0, nextAttemptAt - now);
    }

    /** The last attempt's failure in words; null while attempts succeed. */
    @Nullable
    String lastError() {
        return last == null ? null : last.getMessage();
    }

    DbException refusal(long now) {
        ConnectFailure why = Objects.requireNonNull(last, "no attempt has failed");
        String what = switch (why.kind()) {
            case CREDENTIALS_REJECTED -> "PostgreSQL rejects our credentials";
            case OVERLOADED -> "PostgreSQL accepts no connections now";
            default -> "PostgreSQL can't be reached";
        };
        return Failures.of(why.kind(), what + " (" + why.getMessage() + ").", retryAfter(now), why);
    }

    Duration retryAfter(long now) {
        return Duration.ofNanos(untilAttempt(now));
    }
}
