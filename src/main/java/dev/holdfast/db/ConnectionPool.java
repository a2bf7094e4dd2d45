package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connections and the queue in front of them. Whoever asks gets an idle connection at once, or waits; every
 * connection that is returned or newly opened goes to the first in the queue, and to those who go along with it, and new
 * ones are opened as long as more wait than are being opened. Only reads that can go together wait beside idle connections,
 * and not for long; see {@link Batches}. Thread-safe; nothing is called back while the lock is held.
 */
final class ConnectionPool implements Connecting.Owner {

    /** For an answer to a check, and for PostgreSQL to close a connection that we have ended: milliseconds do. */
    private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(2);

    /** For an answer that a silent network has held up, once PostgreSQL is known to answer again. */
    private static final long CATCH_UP = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = Logger.getLogger(ConnectionPool.class);

    private final DbLimits limits;
    private final Timers timers;
    private final LongSupplier clock;
    private final DoubleSupplier random;
    final PoolLedger ledger;

    private final Object lock = new Object();
    private final Batches batches;
    private final Gate gate;
    private final Outage outage;
    private final Connecting connecting;
    private final ArrayDeque<PoolEntry> idle = new ArrayDeque<>();
    private final Set<PoolEntry> open = new HashSet<>();
    private int checking;
    private int closing;
    private long answeredAt;
    private long lookAt;
    private @Nullable Runnable disarm;
    private boolean shutDown;
    private Runnable allClosed = () -> {};

    ConnectionPool(
            DbLimits limits,
            Connecting.Opener opener,
            Timers timers,
            LongSupplier clock,
            InstantSource wallClock,
            DoubleSupplier random) {
        this.limits = limits;
        this.timers = timers;
        this.clock = clock;
        this.random = random;
        this.ledger = new PoolLedger(limits, clock, wallClock);
        this.batches = new Batches(limits);
        this.gate = new Gate(limits, ledger::inUse, batches);
        this.outage = new Outage(
                new Backoff(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.SECONDS.toNanos(1), random),
                limits.outageAfter());
        this.answeredAt = clock.getAsLong();
        this.connecting = new Connecting(limits, opener, timers, random, outage, this, answeredAt);
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
                refuse(waiter, ledger.refused, Refusals.shuttingDown(), after);
            } else if (waiter.givesUpAt - now <= 0) {
                refuse(waiter, ledger.timedOut, Refusals.tooLate(waiter, now, counts()), after);
            } else if ((entry = fresh(waiter, now)) != null) {
                lend(entry, waiter, now, after);
            } else if (outage.down()) {
                refuse(waiter, ledger.refused, outage.refusal(now), after);
            } else {
                enqueue(waiter, now, after);
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
            if (gate.size() == 0) {
                disarm();
            }
        }
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
                answeredAt = now;
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

    /** Somebody else, with the same settings, has reached PostgreSQL again. */
    void reachable() {
        After after = new After();
        synchronized (lock) {
            if (outage.failing() && !shutDown) {
                long now = clock.getAsLong();
                recovered(now, after);
                fill(now, after);
                if (connecting.size() == 0) {
                    attempt(now, after);
                }
            }
        }
        after.run();
    }

    /** Somebody else, with the same settings, has failed to reach PostgreSQL: do our connections still? */
    void unreachable(ConnectFailure failure, long startedAt) {
        After after = new After();
        synchronized (lock) {
            // A server that is full or starting turns away who is new, and says nothing of the connections that there
            // are.
            if (!shutDown && failure.kind() != DbException.Kind.OVERLOADED) {
                failed(failure, startedAt, clock.getAsLong(), this::noneAnswers, after);
                PoolEntry entry;
                while ((entry = idle.pollFirst()) != null) {
                    check(entry, after);
                }
            }
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

    /**
     * Refuses whoever waits or comes, closes idle connections now and lent ones when they are returned.
     *
     * @param ended called once none is open
     */
    void shutDown(Runnable ended) {
        After after = new After();
        synchronized (lock) {
            shutDown = true;
            allClosed = ended;
            if (open.isEmpty()) {
                after.add(ended);
            }
            failWaiters(ledger.refused, Refusals.shuttingDown(), after);
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
                    connecting.size() + checking,
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
        return ledger.inUse() + idle.size() + connecting.size() + checking + closing;
    }

    /** How many of a share may wait for a connection to be opened or checked, and not for somebody to return one. */
    private long room(String share) {
        return Math.min((long) limits.maxSize() - ledger.inUse(), (long) limits.most(share) - ledger.inUse(share));
    }

    private void enqueue(Waiter waiter, long now, After after) {
        String share = waiter.ticket().share();
        boolean queueIsFull = gate.size() >= limits.maxWaiting() + (long) limits.maxSize() - ledger.inUse();
        boolean shareIsFull = gate.waiting(share) >= limits.shareMaxWaiting() + room(share);
        if (queueIsFull || shareIsFull) {
            Waiter givesWay = shareIsFull ? gate.stale(share, now) : gate.givesWayTo(share, now);
            DbException full = queueIsFull ? Refusals.queueFull(counts()) : shareFull(share);
            if (givesWay == null) {
                refuse(waiter, ledger.rejected, full, after);
                return;
            }
            String other = givesWay.ticket().share();
            refuse(givesWay, ledger.rejected, other.equals(share) ? full : shareFull(other), after);
            gate.remove(givesWay);
        }
        gate.add(waiter);
        fill(now, after);
        long at = now + gate.untilLook(waiter, now);
        if (waiter.queue != null && (disarm == null || at - lookAt < 0)) {
            lookAgainAt(at, now);
        }
    }

    /** One timer for all who wait. Most are served long before; it is then left alone, as more will come. */
    private void lookAgainAt(long at, long now) {
        disarm();
        lookAt = at;
        disarm = timers.after(at - now, this::lookAgain);
    }

    private void disarm() {
        if (disarm != null) {
            disarm.run();
            disarm = null;
        }
    }

    /** An idle connection that may be lent to {@code waiter} unchecked, on its event loop if there is one. */
    @SuppressWarnings("ReferenceEquality") // event loops have no equality but identity
    private @Nullable PoolEntry fresh(Waiter waiter, long now) {
        if (!gate.admits(waiter, now)) {
            return null;
        }
        PoolEntry found = null;
        for (PoolEntry entry : idle) {
            if (!isFresh(entry, now)) {
                break;
            }
            if (entry.expiresAt - now > 0) {
                if (entry.link.home() == waiter.home()) {
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

    private boolean isFresh(PoolEntry entry, long now) {
        return now - entry.lastUsedAt <= limits.idleCheck();
    }

    private void lend(PoolEntry entry, Waiter waiter, long now, After after) {
        entry.state = PoolEntry.State.LEASED;
        entry.lentAt = now;
        Lease lease = new Lease(this, entry, waiter, now);
        ledger.lent(lease);
        batches.lent(lease);
        List<Waiter> company = gate.company(waiter, now, late -> timedOut(late, now, after));
        company.forEach(other -> ledger.wentAlong(now - other.askedAt, now));
        after.add(() -> waiter.granted(lease, company));
    }

    private boolean end(Lease lease, long now) {
        if (lease.over) {
            return false;
        }
        lease.over = true;
        ledger.returned(lease, now);
        batches.returned(lease);
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
        while (!shutDown && lendIdle(now, after) > connecting.young(now) + checking) {
            PoolEntry rested = idle.pollFirst();
            if (rested == null) {
                long tooEarly = outage.untilAttempt(now);
                if (tooEarly > 0) {
                    connecting.wakeIn(tooEarly, now, after);
                    return;
                }
                if (!attempt(now, after)) {
                    return;
                }
            } else if (rested.expiresAt - now <= 0) {
                retire(rested, "max lifetime", after);
            } else {
                check(rested, after);
            }
        }
    }

    /** Lends what is idle and need not be checked; returns how many more would help those who wait. */
    private int lendIdle(long now, After after) {
        int ready;
        while ((ready = gate.ready(now)) > 0) {
            PoolEntry rested = idle.peekFirst();
            if (rested == null || !isFresh(rested, now) || rested.expiresAt - now <= 0) {
                break;
            }
            idle.removeFirst();
            handOn(rested, now, after);
        }
        return ready;
    }

    private boolean attempt(long now, After after) {
        Object home = gate.home(Math.min(connecting.size() + checking, Math.max(0, gate.size() - 1)));
        return connecting.begin(home, occupied() < limits.maxSize(), now, after);
    }

    /** The next attempt after failed ones; while the database is down nobody waits for it. */
    private void attemptAfterFailure(long now, After after) {
        if (!shutDown && outage.failing() && (gate.size() > 0 || outage.down())) {
            attempt(now, after);
        }
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
        after.add(() -> waiter.failed(failure));
    }

    private void timedOut(Waiter waiter, long now, After after) {
        refuse(waiter, ledger.timedOut, Refusals.tooLate(waiter, now, counts()), after);
    }

    private void failWaiters(LongAdder counter, DbException failure, After after) {
        Waiter waiter;
        while ((waiter = gate.oldest()) != null) {
            gate.remove(waiter);
            refuse(waiter, counter, failure, after);
        }
        disarm();
    }

    private DbException shareFull(String share) {
        return Refusals.shareFull(ledger.inUse(share), gate.waiting(share), counts());
    }

    private String counts() {
        String error = outage.lastError();
        return ledger.inUse() + " in use, " + idle.size() + " idle, " + (connecting.size() + checking) + " opening, "
                + gate.size() + " waiting, at most " + limits.maxSize()
                + (error == null ? "." : "; the last connect attempt failed: " + error + ".");
    }

    // ---- events

    private void lookAgain() {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            // Another one, if that took the place of this one while it fired.
            disarm();
            gate.expire(now, late -> timedOut(late, now, after));
            fill(now, after);
            if (gate.size() > 0) {
                lookAgainAt(now + gate.untilLook(now), now);
            }
        }
        after.run();
    }

    @Override
    public void opened(ConnectAttempt attempt, Link link) {
        After after = new After();
        PoolEntry entry;
        synchronized (lock) {
            long now = clock.getAsLong();
            connecting.ended(attempt);
            connecting.overtakeBy(attempt, after);
            recovered(now, after);
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

    /** PostgreSQL is there: whatever has been asked before nothing answered any more, and is silent still, has no answer. */
    private void recovered(long now, After after) {
        boolean wasSilent = outage.unreachable() && answeredAt - outage.failingSince() < 0;
        long since = outage.failingSince();
        outage.succeeded();
        answeredAt = now;
        if (wasSilent) {
            after.add(() -> timers.after(CATCH_UP, () -> killSilent(since)));
        }
    }

    private void killSilent(long since) {
        After after = new After();
        synchronized (lock) {
            for (PoolEntry entry : open) {
                if (entry.state == PoolEntry.State.LEASED && entry.lentAt - since < 0) {
                    after.add(entry.link::kill);
                }
            }
        }
        after.run();
    }

    @Override
    public void connectFailed(ConnectAttempt attempt, ConnectFailure failure) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            connecting.ended(attempt);
            ledger.connectFailures.increment();
            if (!attempt.overtaken) {
                failed(
                        failure,
                        attempt.startedAt,
                        now,
                        since -> connecting.young(now) == 0 && noneAnswers(since),
                        after);
            }
            fill(now, after);
        }
        after.run();
    }

    private void failed(ConnectFailure failure, long startedAt, long now, LongPredicate noneLeft, After after) {
        long delay = outage.failed(failure, startedAt, now, noneLeft);
        if (outage.down()) {
            failWaiters(ledger.connectFailed, outage.refusal(now), after);
        }
        if (!shutDown) {
            connecting.wakeIn(delay, now, after);
        }
    }

    /** Whether no connection is open, or none of them has answered since that moment and none is just being asked. */
    private boolean noneAnswers(long since) {
        return open.isEmpty() || checking == 0 && answeredAt - since < 0;
    }

    @Override
    public void attemptDue() {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            connecting.awake(now);
            fill(now, after);
            attemptAfterFailure(now, after);
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
            answeredAt = now;
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
            if (shutDown && open.isEmpty()) {
                after.add(allClosed);
            }
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
}
