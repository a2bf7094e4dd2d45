package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connections and the queue in front of them. Whoever asks gets an idle connection at once, or waits; every
 * connection that is returned or newly opened goes to the first in the queue, and new ones are opened as long as more
 * wait than are being opened. Thread-safe; nothing is called back while the lock is held.
 */
final class ConnectionPool {

    /** Makes one connect attempt and calls back exactly once. */
    interface Opener {

        /**
         * @param home the event loop on which the connection should live; null for any
         * @return makes the attempt fail, if it has not ended
         */
        Runnable open(@Nullable Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed);
    }

    /** For an answer to a check, and for PostgreSQL to close a connection that we have ended: milliseconds do. */
    private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(2);

    /** An attempt that takes longer is taken to hang: others may overtake it, one a second. */
    private static final long HANGS_AFTER = TimeUnit.SECONDS.toNanos(1);

    private static final int MOST_HANGING = 8;

    private static final Logger LOG = Logger.getLogger(ConnectionPool.class);
    private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(1);

    private final DbLimits limits;
    private final Opener opener;
    private final Timers timers;
    private final LongSupplier clock;
    private final DoubleSupplier random;
    final PoolLedger ledger;

    private final Object lock = new Object();
    private final Gate gate = new Gate();
    private final Outage outage;
    private final ArrayDeque<PoolEntry> idle = new ArrayDeque<>();
    private final Set<PoolEntry> open = new HashSet<>();
    private final ArrayDeque<ConnectAttempt> attempts = new ArrayDeque<>();
    private int checking;
    private int closing;
    private boolean probing;
    private boolean shutDown;

    ConnectionPool(
            DbLimits limits,
            Opener opener,
            Timers timers,
            LongSupplier clock,
            InstantSource wallClock,
            DoubleSupplier random) {
        this.limits = limits;
        this.opener = opener;
        this.timers = timers;
        this.clock = clock;
        this.random = random;
        this.ledger = new PoolLedger(limits, clock, wallClock);
        this.outage = new Outage(
                new Backoff(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.SECONDS.toNanos(1), random),
                limits.outageAfter());
    }

    /** Asks for a connection on behalf of {@code waiter}, which may be answered before this returns. */
    void acquire(Waiter waiter) {
        After after = new After();
        synchronized (lock) {
            ledger.asked.increment();
            long now = clock.getAsLong();
            waiter.askedAt = now;
            long patience = now + limits.acquireTimeout();
            long deadline = waiter.ticket().deadline().nanos();
            waiter.givesUpAt = deadline - patience < 0 ? deadline : patience;
            PoolEntry entry;
            if (shutDown) {
                refuse(waiter, ledger.refused, shuttingDown(), after);
            } else if (waiter.givesUpAt - now <= 0) {
                refuse(waiter, ledger.timedOut, tooLate(waiter, now), after);
            } else if ((entry = fresh(waiter.home(), now)) != null) {
                lend(entry, waiter, now, after);
            } else if (outage.down()) {
                refuse(waiter, ledger.refused, outage.refusal(now), after);
            } else if (gate.size() >= limits.maxWaiting() + room()) {
                refuse(waiter, ledger.rejected, queueFull(), after);
            } else {
                gate.add(waiter);
                waiter.arm(timers.after(waiter.givesUpAt - now, () -> giveUp(waiter)));
                fill(now, after);
            }
        }
        after.run();
    }

    /** Takes a waiter out of the queue; false if it has been answered already, or is about to be. */
    boolean cancel(Waiter waiter) {
        synchronized (lock) {
            if (!gate.remove(waiter)) {
                return false;
            }
            ledger.cancelled.increment();
        }
        waiter.disarm();
        return true;
    }

    void release(Lease lease) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            if (!end(lease, now)) {
                return;
            }
            PoolEntry entry = lease.entry;
            if (entry.state == PoolEntry.State.LEASED) {
                if (entry.link.inTransaction()) {
                    kill(entry, "transaction left open", after);
                } else if (shutDown || entry.expiresAt - now <= 0) {
                    retire(entry, shutDown ? "shutdown" : "max lifetime", after);
                } else {
                    handOn(entry, now, after);
                }
            }
            fill(now, after);
        }
        after.run();
    }

    /**
     * @param lost whether it was PostgreSQL or the network that ended the connection, and not we
     */
    void jettison(Lease lease, String reason, boolean lost) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            if (!end(lease, now)) {
                return;
            }
            PoolEntry entry = lease.entry;
            if (entry.state == PoolEntry.State.LEASED) {
                if (lost) {
                    ledger.dropped(entry.link, reason);
                }
                kill(entry, reason, after);
            }
            fill(now, after);
        }
        after.run();
    }

    /** Somebody else has reached PostgreSQL: if our attempts have been failing, the next is not to be waited for. */
    void reachable() {
        After after = new After();
        synchronized (lock) {
            attemptAfterFailure(clock.getAsLong(), after);
        }
        after.run();
    }

    /** Closes what has been idle for too long or is too old; to be called now and then. */
    void sweep() {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            for (Iterator<PoolEntry> entries = idle.iterator(); entries.hasNext(); ) {
                PoolEntry entry = entries.next();
                boolean aged = entry.expiresAt - now <= 0;
                if (aged || now - entry.lastUsedAt >= limits.idleTimeout()) {
                    entries.remove();
                    retire(entry, aged ? "max lifetime" : "idle timeout", after);
                }
            }
        }
        after.run();
    }

    /** Refuses whoever waits or comes, closes idle connections now and lent ones when they are returned. */
    void shutDown() {
        After after = new After();
        synchronized (lock) {
            shutDown = true;
            failWaiters(ledger.refused, shuttingDown(), after);
            PoolEntry entry;
            while ((entry = idle.pollFirst()) != null) {
                retire(entry, "shutdown", after);
            }
        }
        after.run();
    }

    PoolFigures figures() {
        // Adding up takes a while, and needs no lock.
        LatencyFigures acquire = ledger.acquire();
        LatencyFigures usage = ledger.usage();
        synchronized (lock) {
            int encrypted = (int) open.stream().filter(e -> e.link.encrypted()).count();
            return ledger.figures(
                    clock.getAsLong(),
                    idle.size(),
                    attempts.size() + checking,
                    open.size(),
                    encrypted,
                    gate,
                    outage.lastError(),
                    acquire,
                    usage);
        }
    }

    // ---- under the lock

    /** Connections that there are or that are on their way, a lent one whose socket has gone included. */
    private int occupied() {
        return ledger.inUse() + idle.size() + attempts.size() + checking + closing;
    }

    /** How many may wait for a connection to be opened or checked, and not for somebody else to return one. */
    private long room() {
        return (long) limits.maxSize() - ledger.inUse();
    }

    /** An idle connection that may be lent unchecked, on the event loop {@code home} if there is one. */
    @SuppressWarnings("ReferenceEquality") // event loops have no equality but identity
    private @Nullable PoolEntry fresh(@Nullable Object home, long now) {
        PoolEntry found = null;
        for (PoolEntry entry : idle) {
            if (now - entry.lastUsedAt > limits.idleCheck()) {
                break;
            }
            if (entry.expiresAt - now > 0) {
                if (entry.link.home() == home) {
                    found = entry;
                    break;
                }
                found = found == null ? entry : found;
            }
        }
        if (found != null) {
            idle.remove(found);
        }
        return found;
    }

    private void lend(PoolEntry entry, Waiter waiter, long now, After after) {
        entry.state = PoolEntry.State.LEASED;
        Lease lease = new Lease(this, entry, waiter.ticket().project(), now - waiter.askedAt, now);
        ledger.lent(lease);
        after.add(() -> {
            waiter.disarm();
            waiter.granted(lease);
        });
    }

    private boolean end(Lease lease, long now) {
        if (lease.over) {
            return false;
        }
        lease.over = true;
        ledger.returned(lease, now);
        return true;
    }

    private void handOn(PoolEntry entry, long now, After after) {
        entry.lastUsedAt = now;
        Waiter next = gate.poll(now, late -> timedOut(late, now, after));
        if (next != null) {
            lend(entry, next, now, after);
        } else {
            entry.state = PoolEntry.State.IDLE;
            idle.addFirst(entry);
        }
    }

    private void retire(PoolEntry entry, String reason, After after) {
        closing(entry, reason);
        entry.closeLimit = timers.after(ANSWER_LIMIT, entry.link::kill);
        after.add(entry.link::close);
    }

    private void kill(PoolEntry entry, String reason, After after) {
        closing(entry, reason);
        after.add(entry.link::kill);
    }

    private void closing(PoolEntry entry, String reason) {
        entry.state = PoolEntry.State.CLOSING;
        entry.closeReason = reason;
        closing++;
    }

    /** Sees to it that as many connections are on their way as waiters need and limits allow. */
    private void fill(long now, After after) {
        while (!shutDown && gate.size() > young(now) + checking) {
            PoolEntry rested = idle.pollFirst();
            if (rested != null && rested.expiresAt - now <= 0) {
                retire(rested, "max lifetime", after);
            } else if (rested != null) {
                check(rested, after);
            } else if (outage.mayAttempt(now) && mayAttempt(now, after)) {
                attempt(gate.at(Math.min(attempts.size() + checking, gate.size() - 1)), now, after);
            } else {
                return;
            }
        }
    }

    /** Attempts that are not taken to hang. */
    private int young(long now) {
        int young = 0;
        for (ConnectAttempt attempt : attempts) {
            if (now - attempt.startedAt < HANGS_AFTER) {
                young++;
            }
        }
        return young;
    }

    /** Whether limits allow an attempt; where one that hangs is in the way, it is given up, and its end asks again. */
    private boolean mayAttempt(long now, After after) {
        int young = young(now);
        boolean trouble = outage.failing() || young < attempts.size();
        if (young >= (trouble ? 1 : limits.connectBurst())) {
            return false;
        }
        if (occupied() < limits.maxSize() && attempts.size() < Math.max(MOST_HANGING, limits.connectBurst())) {
            return true;
        }
        ConnectAttempt oldest = attempts.peekFirst();
        if (attempts.size() > 1 && now - oldest.startedAt >= HANGS_AFTER) {
            after.add(oldest::giveUp);
        }
        return false;
    }

    /** The next attempt after failed ones; while the database is down nobody waits for it. */
    private void attemptAfterFailure(long now, After after) {
        Waiter first = gate.first();
        if (!shutDown && outage.failing() && (first != null || outage.down()) && mayAttempt(now, after)) {
            attempt(first, now, after);
        }
    }

    /**
     * @param waiter on whose event loop the connection should live; null for any
     */
    private void attempt(@Nullable Waiter waiter, long now, After after) {
        Object home = waiter == null ? null : waiter.home();
        ConnectAttempt attempt = new ConnectAttempt(now);
        attempts.addLast(attempt);
        attempt.disarm = timers.after(HANGS_AFTER, this::hanging);
        after.add(() -> attempt.begun(
                opener.open(home, link -> opened(attempt, link), failure -> connectFailed(attempt, failure))));
    }

    private void ended(ConnectAttempt attempt) {
        attempts.remove(attempt);
        attempt.disarm.run();
    }

    private void check(PoolEntry entry, After after) {
        entry.state = PoolEntry.State.CHECKING;
        checking++;
        after.add(() -> {
            Runnable disarm = timers.after(ANSWER_LIMIT, () -> checkFailed(entry, "no answer to a check", true));
            entry.link.check(failure -> {
                disarm.run();
                if (failure == null) {
                    checkPassed(entry);
                } else {
                    checkFailed(entry, "a check failed", false);
                }
            });
        });
    }

    private void refuse(Waiter waiter, LongAdder counter, DbException failure, After after) {
        counter.increment();
        after.add(() -> {
            waiter.disarm();
            waiter.failed(failure);
        });
    }

    private void timedOut(Waiter waiter, long now, After after) {
        refuse(waiter, ledger.timedOut, tooLate(waiter, now), after);
    }

    private void failWaiters(LongAdder counter, DbException failure, After after) {
        Waiter waiter;
        while ((waiter = gate.first()) != null) {
            gate.remove(waiter);
            refuse(waiter, counter, failure, after);
        }
    }

    private DbException tooLate(Waiter waiter, long now) {
        boolean request = waiter.endsWithRequest();
        long waited = TimeUnit.NANOSECONDS.toMillis(now - waiter.askedAt);
        String what = request
                ? "The request's deadline passed after " + waited + " ms of waiting for a connection"
                : "No connection within " + waited + " ms";
        return Failures.of(
                request ? DbException.Kind.DEADLINE_EXCEEDED : DbException.Kind.ACQUIRE_TIMEOUT,
                what + counts(),
                request ? null : BUSY_RETRY_AFTER,
                null);
    }

    private DbException queueFull() {
        return Failures.of(
                DbException.Kind.QUEUE_FULL, "The queue for connections is full" + counts(), BUSY_RETRY_AFTER, null);
    }

    private static DbException shuttingDown() {
        return Failures.of(DbException.Kind.UNAVAILABLE, "This replica is shutting down.", Duration.ofSeconds(1), null);
    }

    private String counts() {
        String error = outage.lastError();
        return ": " + ledger.inUse() + " in use, " + idle.size() + " idle, " + (attempts.size() + checking)
                + " opening, "
                + gate.size()
                + " waiting, at most " + limits.maxSize()
                + (error == null ? "." : "; the last connect attempt failed: " + error + ".");
    }

    // ---- events

    private void giveUp(Waiter waiter) {
        After after = new After();
        synchronized (lock) {
            if (gate.remove(waiter)) {
                timedOut(waiter, clock.getAsLong(), after);
            }
        }
        after.run();
    }

    private void opened(ConnectAttempt attempt, Link link) {
        After after = new After();
        PoolEntry entry;
        synchronized (lock) {
            long now = clock.getAsLong();
            ended(attempt);
            overtake(attempt, after);
            outage.succeeded();
            ledger.opened(link);
            long life = limits.maxLifetime();
            entry = new PoolEntry(link, now + life - (long) (life / 10.0 * random.getAsDouble()));
            open.add(entry);
            if (shutDown) {
                retire(entry, "shutdown", after);
            } else {
                handOn(entry, now, after);
            }
            fill(now, after);
        }
        link.onClosed(error -> closed(entry, error));
        after.run();
    }

    /** What began well before an attempt that has succeeded hangs, and holds a slot. */
    private void overtake(ConnectAttempt successful, After after) {
        for (ConnectAttempt attempt : attempts) {
            if (successful.startedAt - attempt.startedAt >= HANGS_AFTER) {
                attempt.overtaken = true;
                after.add(attempt::giveUp);
            }
        }
    }

    private void connectFailed(ConnectAttempt attempt, ConnectFailure failure) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            ended(attempt);
            ledger.connectFailures.increment();
            if (!attempt.overtaken) {
                failed(attempt, failure, now, after);
            }
            fill(now, after);
        }
        after.run();
    }

    private void failed(ConnectAttempt attempt, ConnectFailure failure, long now, After after) {
        long delay = outage.failed(failure, attempt.startedAt, now, open.isEmpty() && young(now) == 0);
        if (outage.down()) {
            failWaiters(ledger.connectFailed, outage.refusal(now), after);
        }
        if (!probing && !shutDown) {
            probing = true;
            after.add(() -> timers.after(delay, this::probe));
        }
    }

    /** An attempt has been under way for long enough that another may be made beside it. */
    private void hanging() {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            fill(now, after);
            attemptAfterFailure(now, after);
        }
        after.run();
    }

    private void probe() {
        After after = new After();
        synchronized (lock) {
            probing = false;
            attemptAfterFailure(clock.getAsLong(), after);
        }
        after.run();
    }

    private void checkPassed(PoolEntry entry) {
        After after = new After();
        synchronized (lock) {
            if (entry.state != PoolEntry.State.CHECKING) {
                return;
            }
            checking--;
            long now = clock.getAsLong();
            if (shutDown) {
                retire(entry, "shutdown", after);
            } else {
                handOn(entry, now, after);
            }
            fill(now, after);
        }
        after.run();
    }

    /**
     * @param silent whether the connection did not answer at all
     */
    private void checkFailed(PoolEntry entry, String reason, boolean silent) {
        After after = new After();
        synchronized (lock) {
            if (entry.state != PoolEntry.State.CHECKING) {
                return;
            }
            checking--;
            ledger.dropped(entry.link, reason);
            kill(entry, reason, after);
            if (silent) {
                retireAsQuietAs(entry, after);
            }
            fill(clock.getAsLong(), after);
        }
        after.run();
    }

    /** What forgot one connection has most likely forgotten those that rested longer: a waiter is not to try them all. */
    private void retireAsQuietAs(PoolEntry silent, After after) {
        for (Iterator<PoolEntry> entries = idle.iterator(); entries.hasNext(); ) {
            PoolEntry entry = entries.next();
            if (entry.lastUsedAt - silent.lastUsedAt <= 0) {
                entries.remove();
                retire(entry, "another did not answer", after);
            }
        }
    }

    private void closed(PoolEntry entry, @Nullable Throwable error) {
        After after = new After();
        synchronized (lock) {
            open.remove(entry);
            ledger.closed.increment();
            PoolEntry.State was = entry.state;
            entry.state = PoolEntry.State.CLOSED;
            switch (was) {
                case CLOSING -> closing--;
                case CHECKING -> checking--;
                case IDLE -> idle.remove(entry);
                default -> {}
            }
            if (was == PoolEntry.State.CLOSING) {
                entry.closeLimit.run();
            } else {
                entry.closeReason = reasonOf(error, was == PoolEntry.State.LEASED);
                ledger.dropped(entry.link, entry.closeReason);
            }
            LOG.debugf("A connection was closed: %s", entry.closeReason);
            fill(clock.getAsLong(), after);
        }
        after.run();
    }

    static String reasonOf(@Nullable Throwable error, boolean inUse) {
        String when = inUse ? " in use" : " idle";
        if (error instanceof PgException refusal) {
            return "SQLSTATE " + refusal.getSqlState() + when;
        }
        return (error == null ? "closed by the server" : error.getClass().getSimpleName()) + when;
    }

    /** What is to be called once the lock is free. */
    private static final class After {

        private @Nullable List<Runnable> actions;

        void add(Runnable action) {
            if (actions == null) {
                actions = new ArrayList<>(2);
            }
            actions.add(action);
        }

        void run() {
            if (actions != null) {
                actions.forEach(Runnable::run);
            }
        }
    }
}
