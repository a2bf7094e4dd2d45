package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Admission to Vert.x's pool: the queue, and who gets which connection. Every connection that is returned, newly opened, or
 * lent by Vert.x's pool goes to the first in the queue, and to those who go along with it; where nobody waits it is parked
 * there. Vert.x's pool is asked for as many as would help those who wait, with leave to open one where none is idle. Only
 * reads that can go together wait beside idle connections, and not for long; see {@link Batches}. Thread-safe; nothing is
 * called back while the lock is held.
 */
final class ConnectionPool implements Connecting.Owner {

    /** For an answer to a check, and for PostgreSQL to close a connection that we have ended: milliseconds do. */
    private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(2);

    /** For an answer that a silent network has held up, once PostgreSQL is known to answer again. */
    private static final long CATCH_UP = TimeUnit.SECONDS.toNanos(1);

    /** Until the next attempt where one was not needed, though PostgreSQL is taken to be away. */
    private static final long PROBE_AGAIN = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Logger LOG = Logger.getLogger(ConnectionPool.class);

    private final DbLimits limits;
    private final Lender lender;
    private final Timers timers;
    private final LongSupplier clock;
    private final DoubleSupplier random;
    final PoolLedger ledger;

    private final Object lock = new Object();
    private final Batches batches;
    private final Gate gate;
    private final Outage outage;
    private final Connecting connecting;
    private final IdleConnections idle = new IdleConnections(this::takeAnswered);
    private final Map<Link, PoolEntry> open = new HashMap<>();
    private int checking;
    private int closing;
    private long answeredAt;
    private long lookAt;
    private @Nullable Runnable disarm;
    private boolean shutDown;
    private Runnable allClosed = () -> {};

    ConnectionPool(
            DbLimits limits,
            Lender lender,
            Timers timers,
            LongSupplier clock,
            InstantSource wallClock,
            DoubleSupplier random) {
        this.limits = limits;
        this.lender = lender;
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
        this.connecting = new Connecting(limits, lender, timers, random, outage, this, answeredAt);
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
            if (shutDown) {
                refuse(waiter, ledger.refused, Refusals.shuttingDown(), after);
            } else if (waiter.givesUpAt - now <= 0) {
                refuse(waiter, ledger.timedOut, Refusals.tooLate(waiter, now, counts()), after);
            } else if (canBeServed(waiter, now)) {
                enqueue(waiter, now, after);
            } else if (outage.down()) {
                refuse(waiter, ledger.refused, outage.refusal(now), after);
            } else if (hasRoom(waiter, now, after)) {
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
                hasAnswered(entry, now);
                if (entry.link.inTransaction()) {
                    kill(entry, "transaction left open", after);
                } else if (shutDown || entry.expiresAt - now <= 0) {
                    retire(entry, shutDown ? "shutdown" : "max lifetime", after);
                } else {
                    handOnOrPark(entry, now, after);
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
                idle.parked().forEach(entry -> entry.suspect = true);
                IdleConnections.Home home;
                while ((home = idle.withIdle(null, entry -> true)) != null) {
                    take(home, after);
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
            idle.forgiveMisses();
            for (PoolEntry entry : idle.parked()) {
                boolean aged = entry.expiresAt - now <= 0;
                if (aged || now - entry.lastUsedAt >= limits.idleTimeout()) {
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
            idle.parked().forEach(entry -> retire(entry, "shutdown", after));
        }
        after.run();
    }

    PoolFigures figures() {
        // Adding up takes a while, and needs no lock.
        LatencyFigures acquire = ledger.acquire();
        LatencyFigures usage = ledger.usage();
        synchronized (lock) {
            int encrypted = (int) open.keySet().stream().filter(Link::encrypted).count();
            return ledger.figures(
                    clock.getAsLong(),
                    idle.idle(),
                    opening(),
                    open.size(),
                    encrypted,
                    gate,
                    outage.lastError(),
                    acquire,
                    usage);
        }
    }

    // ---- under the lock

    /** Connections that nobody has and that are not idle. */
    private int opening() {
        return connecting.size() + checking + idle.coming();
    }

    /** Connections that there are or that are on their way, a lent one whose socket has gone included. */
    private int occupied() {
        return ledger.inUse() + idle.size() + connecting.size() + checking + closing;
    }

    /** How many of a share may wait for a connection to be opened or checked, and not for somebody to return one. */
    private long room(String share) {
        return Math.min((long) limits.maxSize() - ledger.inUse(), (long) limits.most(share) - ledger.inUse(share));
    }

    /** Whether there is an idle connection for {@code waiter} that need not be checked. */
    private boolean canBeServed(Waiter waiter, long now) {
        return gate.wouldHelp(waiter, now) && idle.withIdle(waiter.home(), entry -> isFresh(entry, now)) != null;
    }

    /** Whether there is room for {@code waiter} in the queue, which is refused otherwise; another may give way. */
    private boolean hasRoom(Waiter waiter, long now, After after) {
        String share = waiter.ticket().share();
        boolean queueIsFull = gate.size() >= limits.maxWaiting() + (long) limits.maxSize() - ledger.inUse();
        boolean shareIsFull = gate.waiting(share) >= limits.shareMaxWaiting() + room(share);
        if (queueIsFull || shareIsFull) {
            Waiter givesWay = shareIsFull ? gate.stale(share, now) : gate.givesWayTo(share, now);
            DbException full = queueIsFull ? Refusals.queueFull(counts()) : shareFull(share);
            if (givesWay == null) {
                refuse(waiter, ledger.rejected, full, after);
                return false;
            }
            String other = givesWay.ticket().share();
            refuse(givesWay, ledger.rejected, other.equals(share) ? full : shareFull(other), after);
            gate.remove(givesWay);
        }
        return true;
    }

    private void enqueue(Waiter waiter, long now, After after) {
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

    private boolean isFresh(PoolEntry entry, long now) {
        return !entry.suspect && now - entry.lastUsedAt <= limits.idleCheck();
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

    private void hasAnswered(PoolEntry entry, long now) {
        entry.lastUsedAt = now;
        answeredAt = now;
        outage.answered();
    }

    /** To the next in the queue. */
    private boolean handOn(PoolEntry entry, long now, After after) {
        Waiter next = gate.poll(now, late -> timedOut(late, now, after));
        if (next != null) {
            lend(entry, next, now, after);
        }
        return next != null;
    }

    private void handOnOrPark(PoolEntry entry, long now, After after) {
        if (!handOn(entry, now, after)) {
            park(entry, now, after);
        }
    }

    private void park(PoolEntry entry, long now, After after) {
        if (!entry.link.canBeParked()) {
            retire(entry, "lent on another event loop", after);
            return;
        }
        entry.state = PoolEntry.State.PARKED;
        if (isFresh(entry, now)) {
            idle.park(entry);
        } else {
            idle.parkRested(entry);
        }
        after.add(lender.park(entry.link));
    }

    private void take(IdleConnections.Home home, After after) {
        home.ask();
        after.add(lender.take(home.loop, home.answered));
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
        if (entry.state == PoolEntry.State.PARKED) {
            idle.remove(entry);
        }
        entry.state = PoolEntry.State.CLOSING;
        entry.closeReason = reason;
        closing++;
    }

    /** Sees to it that as many connections are on their way as waiters need and limits allow. */
    private void fill(long now, After after) {
        int wanted;
        while (!shutDown && (wanted = gate.ready(now) - idle.coming()) > 0) {
            Object home = gate.home(Math.min(opening(), gate.size() - 1));
            IdleConnections.Home from = idle.withIdle(home, entry -> isFresh(entry, now));
            if (from == null) {
                if (wanted <= connecting.young(now) + checking && !outage.down()) {
                    return;
                }
                from = idle.withIdle(home, entry -> true);
            }
            if (from != null) {
                take(from, after);
            } else if (outage.untilAttempt(now) > 0) {
                connecting.wakeIn(outage.untilAttempt(now), now, after);
                return;
            } else if (!attempt(now, after)) {
                return;
            }
        }
    }

    private boolean attempt(long now, After after) {
        Object home = gate.home(Math.min(opening(), Math.max(0, gate.size() - 1)));
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
        return ledger.inUse() + " in use, " + idle.idle() + " idle, " + opening() + " opening, "
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
            ended(attempt);
            connecting.overtakeBy(attempt, after);
            recovered(now, after);
            ledger.opened(link);
            long life = limits.maxLifetime();
            entry = new PoolEntry(link, now + life - (long) (life / 10.0 * random.getAsDouble()));
            entry.lastUsedAt = now;
            open.put(link, entry);
            idle.park(entry);
            if (shutDown) {
                retire(entry, "shutdown", after);
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
            for (PoolEntry entry : open.values()) {
                if (entry.state == PoolEntry.State.LEASED && entry.lentAt - since < 0) {
                    after.add(entry.link::kill);
                }
            }
        }
        after.run();
    }

    /** What was asked for with an attempt is still to be answered. */
    private void ended(ConnectAttempt attempt) {
        connecting.ended(attempt);
        idle.home(attempt.home).ask();
    }

    @Override
    public void connectUnused(ConnectAttempt attempt) {
        After after = new After();
        synchronized (lock) {
            ended(attempt);
            long now = clock.getAsLong();
            fill(now, after);
            if (outage.down()) {
                // It has learnt nothing, and nobody waits who would have another one begin.
                connecting.wakeIn(Math.max(PROBE_AGAIN, outage.untilAttempt(now)), now, after);
            }
        }
        after.run();
    }

    @Override
    public void connectAnswered(ConnectAttempt attempt, @Nullable Link lent) {
        answered(idle.home(attempt.home), lent, false);
    }

    private void takeAnswered(IdleConnections.Home home, @Nullable Link lent) {
        answered(home, lent, lent == null);
    }

    private void answered(IdleConnections.Home home, @Nullable Link lent, boolean missed) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            home.answered(missed);
            PoolEntry entry = open.get(lent);
            // One that is closing is kept: given back, it would be lent again until it has closed.
            if (entry != null && entry.state == PoolEntry.State.PARKED) {
                lent(entry, now, after);
            }
            fill(now, after);
            if (outage.down() && idle.size() + checking == 0) {
                failWaiters(ledger.refused, outage.refusal(now), after);
            }
        }
        after.run();
    }

    private void lent(PoolEntry entry, long now, After after) {
        if (entry.expiresAt - now <= 0) {
            retire(entry, "max lifetime", after);
            return;
        }
        idle.remove(entry);
        if (!isFresh(entry, now) && (entry.suspect || outage.down() || gate.ready(now) > 0)) {
            check(entry, after);
        } else if (!isFresh(entry, now) || !handOn(entry, now, after)) {
            park(entry, now, after);
        }
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
            idle.home(attempt.home).ask();
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
        return open.isEmpty() || checking + idle.coming() == 0 && answeredAt - since < 0;
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
            hasAnswered(entry, now);
            entry.suspect = false;
            if (shutDown) {
                retire(entry, "shutdown", after);
            } else {
                handOnOrPark(entry, now, after);
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
            long now = clock.getAsLong();
            if (silent) {
                retireRested(now, after);
            }
            fill(now, after);
        }
        after.run();
    }

    /** What forgot one connection has most likely forgotten the others that rested: a waiter is not to try them all. */
    private void retireRested(long now, After after) {
        for (PoolEntry entry : idle.parked()) {
            if (!isFresh(entry, now)) {
                retire(entry, "another did not answer", after);
            }
        }
    }

    private void closed(PoolEntry entry, @Nullable Throwable error) {
        After after = new After();
        synchronized (lock) {
            open.remove(entry.link);
            ledger.closed.increment();
            PoolEntry.State was = entry.state;
            entry.state = PoolEntry.State.CLOSED;
            switch (was) {
                case CLOSING -> closing--;
                case CHECKING -> checking--;
                case PARKED -> idle.remove(entry);
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
