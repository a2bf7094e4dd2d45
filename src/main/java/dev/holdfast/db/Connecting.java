package dev.holdfast.db;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connect attempts under way: how many, how soon one after another, and what becomes of those that hang. Guarded by the
 * pool's lock.
 */
final class Connecting {

    /** Who is told of the attempts; called without the pool's lock. */
    interface Owner {

        void opened(ConnectAttempt attempt, Link link);

        void connectFailed(ConnectAttempt attempt, ConnectFailure failure);

        /** It was not needed. */
        void connectUnused(ConnectAttempt attempt);

        /** What was asked for with the attempt has been answered. */
        void connectAnswered(ConnectAttempt attempt, @Nullable Link lent);

        /** Another attempt may be due now. */
        void attemptDue();
    }

    /** An attempt that takes longer is taken to hang: others may overtake it, one a second. */
    private static final long HANGS_AFTER = TimeUnit.SECONDS.toNanos(1);

    private static final int MOST_HANGING = 8;

    private final DbLimits limits;
    private final Lender lender;
    private final Timers timers;
    private final DoubleSupplier random;
    private final Owner owner;
    private final Outage outage;
    private final ArrayDeque<ConnectAttempt> attempts = new ArrayDeque<>();
    private long nextAt;
    private boolean waking;
    private long wakesAt;

    Connecting(
            DbLimits limits,
            Lender lender,
            Timers timers,
            DoubleSupplier random,
            Outage outage,
            Owner owner,
            long now) {
        this.limits = limits;
        this.lender = lender;
        this.timers = timers;
        this.random = random;
        this.outage = outage;
        this.owner = owner;
        this.nextAt = now;
    }

    int size() {
        return attempts.size();
    }

    /** Attempts that are not taken to hang. */
    int young(long now) {
        int young = 0;
        for (ConnectAttempt attempt : attempts) {
            if (now - attempt.startedAt < HANGS_AFTER) {
                young++;
            }
        }
        return young;
    }

    /**
     * Begins an attempt if one may begin now; where an attempt that hangs is in the way, that is given up, and its end asks
     * again.
     *
     * @param home the event loop on which the connection should live; null for any
     * @param roomLeft whether the pool has a slot for it
     */
    boolean begin(@Nullable Object home, boolean roomLeft, long now, After after) {
        int young = young(now);
        boolean trouble = outage.failing() || young < attempts.size();
        if (young >= (trouble ? 1 : limits.connectBurst())) {
            return false;
        }
        if (!roomLeft || attempts.size() >= Math.max(MOST_HANGING, limits.connectBurst())) {
            giveUpWhatHangs(now, after);
            return false;
        }
        if (nextAt - now > 0) {
            wakeIn(nextAt - now, now, after);
            return false;
        }
        nextAt = now + (long) (limits.connectSpacing() * (0.5 + random.getAsDouble()));
        ConnectAttempt attempt = new ConnectAttempt(home == null ? lender.anyHome() : home, now);
        attempts.addLast(attempt);
        attempt.disarm = timers.after(HANGS_AFTER, owner::attemptDue);
        after.add(() -> attempt.begun(lender.open(attempt.home, new Told(attempt))));
        return true;
    }

    /** Brings what the lender says of an attempt to the owner. */
    private final class Told implements Lender.Attempt {

        private final ConnectAttempt attempt;

        Told(ConnectAttempt attempt) {
            this.attempt = attempt;
        }

        @Override
        public void opened(Link link) {
            owner.opened(attempt, link);
        }

        @Override
        public void failed(ConnectFailure failure) {
            owner.connectFailed(attempt, failure);
        }

        @Override
        public void unused() {
            owner.connectUnused(attempt);
        }

        @Override
        public void answered(@Nullable Link lent) {
            owner.connectAnswered(attempt, lent);
        }
    }

    private void giveUpWhatHangs(long now, After after) {
        ConnectAttempt oldest = attempts.peekFirst();
        if (attempts.size() > 1 && now - oldest.startedAt >= HANGS_AFTER) {
            after.add(oldest::giveUp);
        }
    }

    /** Has the owner ask again once {@code delay} has passed, if it would not do so earlier. */
    void wakeIn(long delay, long now, After after) {
        if (waking && wakesAt - now <= delay) {
            return;
        }
        waking = true;
        wakesAt = now + delay;
        after.add(() -> timers.after(delay, owner::attemptDue));
    }

    /** To be called when the owner asks. */
    void awake(long now) {
        waking = waking && wakesAt - now > 0;
    }

    void ended(ConnectAttempt attempt) {
        attempts.remove(attempt);
        attempt.disarm.run();
    }

    /** What began well before an attempt that has succeeded hangs, and holds a slot. */
    void overtakeBy(ConnectAttempt successful, After after) {
        for (ConnectAttempt attempt : attempts) {
            if (successful.startedAt - attempt.startedAt >= HANGS_AFTER) {
                attempt.overtaken = true;
                after.add(attempt::giveUp);
            }
        }
    }
}
