package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
         */
        void open(@Nullable Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed);
    }

    /** For an answer to a check, and for PostgreSQL to close a connection that we have ended: milliseconds do. */
    private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(2);

    private static final Logger LOG = Logger.getLogger(ConnectionPool.class);
    private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(1);

    private final DbLimits limits;
    private final Opener opener;
    private final Timers timers;
    private final LongSupplier clock;
    private final InstantSource wallClock;
    private final DoubleSupplier random;
    private final PoolCounters counters = new PoolCounters();
    private final Latency acquire;
    private final Latency usage;
    final Buckets acquireBuckets = new Buckets();
    final Buckets usageBuckets = new Buckets();

    private final Object lock = new Object();
    private final Gate gate = new Gate();
    private final Outage outage;
    private final ArrayDeque<PoolEntry> idle = new ArrayDeque<>();
    private final Set<PoolEntry> open = new HashSet<>();
    private final Map<String, Integer> inUseByProject = new HashMap<>();
    private int inUse;
    private long saturatedSince;
    private int opening;
    private int checking;
    private int closing;
    private int encryptedDrops;
    private boolean probing;
    private boolean shutDown;
    private PoolFigures.@Nullable Drop lastDrop;

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
        this.wallClock = wallClock;
        this.random = random;
        this.acquire = new Latency(clock);
        this.usage = new Latency(clock);
        this.outage = new Outage(
                new Backoff(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.SECONDS.toNanos(1), random),
                limits.outageAfter());
    }

    /** Asks for a connection on behalf of {@code waiter}, which may be answered before this returns. */
    void acquire(Waiter waiter) {
        After after = new After();
        synchronized (lock) {
            counters.asked.increment();
            long now = clock.getAsLong();
            waiter.askedAt = now;
            long patience = now + limits.acquireTimeout();
            long deadline = waiter.ticket().deadline().nanos();
            waiter.givesUpAt = deadline - patience < 0 ? deadline : patience;
            PoolEntry entry;
            if (shutDown) {
                refuse(waiter, counters.refused, shuttingDown(), after);
            } else if (waiter.givesUpAt - now <= 0) {
                refuse(waiter, counters.timedOut, tooLate(waiter, now), after);
            } else if ((entry = fresh(waiter.home(), now)) != null) {
                lend(entry, waiter, now, after);
            } else if (outage.down()) {
                refuse(waiter, counters.refused, outage.refusal(now), after);
            } else if (gate.size() >= limits.maxWaiting() + room()) {
                refuse(waiter, counters.rejected, queueFull(), after);
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
            counters.cancelled.increment();
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
                    closing(entry, "transaction left open");
                    after.add(entry.link::kill);
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
                    dropped(entry, reason);
                }
                closing(entry, reason);
                after.add(entry.link::kill);
            }
            fill(now, after);
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
            failWaiters(counters.refused, shuttingDown(), after);
            PoolEntry entry;
            while ((entry = idle.pollFirst()) != null) {
                retire(entry, "shutdown", after);
            }
        }
        after.run();
    }

    PoolFigures figures() {
        synchronized (lock) {
            long now = clock.getAsLong();
            Waiter oldest = gate.first();
            Set<String> names = new TreeSet<>(inUseByProject.keySet());
            names.addAll(gate.byProject().keySet());
            List<PoolFigures.Project> projects = names.stream()
                    .map(p -> new PoolFigures.Project(
                            p,
                            inUseByProject.getOrDefault(p, 0),
                            gate.byProject().getOrDefault(p, 0)))
                    .sorted(Comparator.comparingInt(PoolFigures.Project::inUse).reversed())
                    .toList();
            int encrypted = (int) open.stream().filter(e -> e.link.encrypted()).count();
            return new PoolFigures(
                    limits.maxSize(),
                    inUse,
                    idle.size(),
                    opening + checking,
                    gate.size(),
                    limits.maxWaiting(),
                    oldest == null ? 0 : TimeUnit.NANOSECONDS.toMillis(now - oldest.askedAt),
                    acquire.figures(),
                    usage.figures(),
                    counters.asked.sum(),
                    counters.acquired.sum(),
                    counters.timedOut.sum(),
                    counters.rejected.sum(),
                    counters.cancelled.sum(),
                    counters.connectFailed.sum(),
                    counters.refused.sum(),
                    counters.opened.sum(),
                    counters.closed.sum(),
                    counters.dropped.sum(),
                    counters.sslReconnects.sum(),
                    counters.connectFailures.sum(),
                    lastDrop,
                    outage.lastError(),
                    encrypted,
                    open.size() - encrypted,
                    inUse < limits.maxSize() ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(now - saturatedSince)),
                    projects);
        }
    }

    // ---- under the lock

    /** Connections that there are or that are on their way, a lent one whose socket has gone included. */
    private int occupied() {
        return inUse + idle.size() + opening + checking + closing;
    }

    /** How many may wait for a connection to be opened or checked, and not for somebody else to return one. */
    private long room() {
        return (long) limits.maxSize() - inUse;
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
        String project = waiter.ticket().project();
        entry.state = PoolEntry.State.LEASED;
        if (++inUse == limits.maxSize()) {
            saturatedSince = now;
        }
        inUseByProject.merge(project, 1, Integer::sum);
        counters.acquired.increment();
        long waited = now - waiter.askedAt;
        acquire.record(waited, now);
        acquireBuckets.record(waited);
        Lease lease = new Lease(this, entry, project, waited, now);
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
        inUse--;
        inUseByProject.computeIfPresent(lease.project, (p, n) -> n == 1 ? null : n - 1);
        usage.record(now - lease.since, now);
        usageBuckets.record(now - lease.since);
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

    private void closing(PoolEntry entry, String reason) {
        entry.state = PoolEntry.State.CLOSING;
        entry.closeReason = reason;
        closing++;
    }

    /** Sees to it that as many connections are on their way as waiters need and limits allow. */
    private void fill(long now, After after) {
        while (!shutDown && gate.size() > opening + checking) {
            PoolEntry rested = idle.pollFirst();
            if (rested != null && rested.expiresAt - now <= 0) {
                retire(rested, "max lifetime", after);
            } else if (rested != null) {
                check(rested, after);
            } else if (occupied() < limits.maxSize()
                    && opening < (outage.failing() ? 1 : limits.connectBurst())
                    && outage.mayAttempt(now)) {
                attempt(gate.at(opening + checking).home(), now, after);
            } else {
                return;
            }
        }
    }

    private void attempt(@Nullable Object home, long now, After after) {
        opening++;
        after.add(() -> opener.open(home, this::opened, failure -> connectFailed(failure, now)));
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
        refuse(waiter, counters.timedOut, tooLate(waiter, now), after);
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
        return ": " + inUse + " in use, " + idle.size() + " idle, " + (opening + checking) + " opening, " + gate.size()
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

    private void opened(Link link) {
        After after = new After();
        PoolEntry entry;
        synchronized (lock) {
            long now = clock.getAsLong();
            opening--;
            outage.succeeded();
            counters.opened.increment();
            if (link.encrypted() && encryptedDrops > 0) {
                encryptedDrops--;
                counters.sslReconnects.increment();
            }
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

    private void connectFailed(ConnectFailure failure, long startedAt) {
        After after = new After();
        synchronized (lock) {
            long now = clock.getAsLong();
            opening--;
            counters.connectFailures.increment();
            long delay = outage.failed(failure, startedAt, now, open.isEmpty() && opening == 0);
            if (outage.down()) {
                failWaiters(counters.connectFailed, outage.refusal(now), after);
            }
            if (!probing && !shutDown) {
                probing = true;
                after.add(() -> timers.after(delay, this::probe));
            }
        }
        after.run();
    }

    /** The next attempt after a failed one; while the database is down nobody waits for it. */
    private void probe() {
        After after = new After();
        synchronized (lock) {
            probing = false;
            long now = clock.getAsLong();
            if (outage.failing() && opening == 0 && !shutDown && occupied() < limits.maxSize()) {
                Waiter first = gate.first();
                if (first != null || outage.down()) {
                    attempt(first == null ? null : first.home(), now, after);
                }
            }
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
            dropped(entry, reason);
            closing(entry, reason);
            after.add(entry.link::kill);
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
            counters.closed.increment();
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
                dropped(entry, entry.closeReason);
            }
            LOG.debugf("A connection was closed: %s", entry.closeReason);
            fill(clock.getAsLong(), after);
        }
        after.run();
    }

    private void dropped(PoolEntry entry, String reason) {
        counters.dropped.increment();
        if (entry.link.encrypted()) {
            encryptedDrops++;
        }
        lastDrop = new PoolFigures.Drop(wallClock.instant(), reason);
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
