package dev.holdfast.admin.page;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.identity.AdminSessions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The pool's last 15 minutes, one sample a second in memory of a fixed size, and what happened in them. */
@ApplicationScoped
class PoolHistory {

    static final int SECONDS = 15 * 60;
    private static final int MOST_EVENTS = 50;
    private static final int GAP_SECONDS = 5;

    // What a sample has, in the order in which the charts get it; latencies are in microseconds.
    private static final int IN_USE = 0;
    private static final int IDLE = 1;
    private static final int OPENING = 2;
    private static final int WAITING = 3;
    private static final int ACQUIRE_P50 = 4;
    private static final int ACQUIRE_P95 = 5;
    private static final int ACQUIRE_P99 = 6;
    private static final int USAGE_P95 = 7;
    private static final int TIMED_OUT = 8;
    private static final int REFUSED = 9;
    private static final int DROPPED = 10;
    private static final int SSL_RECONNECTS = 11;
    private static final int COLUMNS = 12;

    /**
     * Something that is not as it should be, or is again. What goes on for several seconds is one event that grows.
     *
     * @param kind {@code drop}, {@code reconnect}, {@code timeout}, {@code refusal}, {@code down} or {@code up}
     * @param until when it was last seen
     * @param count how many times; 0 where that says nothing
     */
    record Event(Instant at, Instant until, String kind, long count, String one, String many) {

        public String text() {
            return count == 0 ? one : Text.count(count, one, many);
        }

        public boolean goesOn(Event next) {
            return kind.equals(next.kind)
                    && one.equals(next.one)
                    && count > 0
                    && !until.isBefore(next.at.minusSeconds(GAP_SECONDS));
        }

        Event and(Event next) {
            return new Event(at, next.until, kind, count + next.count, one, many);
        }
    }

    private final Supplier<PoolFigures> pool;
    private final Supplier<DatabaseState> database;
    private final InstantSource clock;
    private Runnable stop = () -> {};

    // Guarded by this.
    private final long[] times = new long[SECONDS];
    private final int[] values = new int[SECONDS * COLUMNS];
    private final Deque<Event> events = new ArrayDeque<>();
    private long taken;
    private @Nullable PoolFigures before;
    private DatabaseState.@Nullable State stateBefore;

    @Inject
    PoolHistory(Database database, Monitor monitor) {
        this(database::figures, monitor::state, InstantSource.system());
    }

    PoolHistory(Supplier<PoolFigures> pool, Supplier<DatabaseState> database, InstantSource clock) {
        this.pool = pool;
        this.database = database;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event, Vertx vertx, AdminSessions sessions) {
        if (!sessions.enabled()) {
            return;
        }
        long timer = vertx.setPeriodic(1_000, id -> sample());
        stop = () -> vertx.cancelTimer(timer);
    }

    void stop(@Observes ShutdownEvent event) {
        stop.run();
    }

    /** To be called once a second. */
    void sample() {
        PoolFigures now = pool.get();
        DatabaseState state = database.get();
        Instant at = clock.instant();
        synchronized (this) {
            PoolFigures last = before == null ? now : before;
            int slot = (int) (taken++ % SECONDS);
            times[slot] = at.getEpochSecond();
            set(slot, IN_USE, now.inUse());
            set(slot, IDLE, now.idle());
            set(slot, OPENING, now.opening());
            set(slot, WAITING, now.waiting());
            set(slot, ACQUIRE_P50, micros(now.acquire().p50()));
            set(slot, ACQUIRE_P95, micros(now.acquire().p95()));
            set(slot, ACQUIRE_P99, micros(now.acquire().p99()));
            set(slot, USAGE_P95, micros(now.usage().p95()));
            set(slot, TIMED_OUT, (int) (now.timedOut() - last.timedOut()));
            set(slot, REFUSED, (int) (turnedAway(now) - turnedAway(last)));
            set(slot, DROPPED, (int) (now.dropped() - last.dropped()));
            set(slot, SSL_RECONNECTS, (int) (now.sslReconnects() - last.sslReconnects()));
            noteEvents(at, last, now, state);
            before = now;
        }
    }

    private void set(int slot, int column, int value) {
        values[slot * COLUMNS + column] = value;
    }

    private static int micros(double millis) {
        return (int) Math.min(Math.round(millis * 1000), Integer.MAX_VALUE);
    }

    /** Requests that got no connection and did not wait for one: the queue was full, or PostgreSQL known to be away. */
    static long turnedAway(PoolFigures figures) {
        return figures.rejected() + figures.refused() + figures.connectFailed();
    }

    private void noteEvents(Instant at, PoolFigures last, PoolFigures now, DatabaseState state) {
        PoolFigures.Drop drop = now.lastDrop();
        String reason = drop == null ? "" : ": " + drop.reason();
        note(at, "timeout", now.timedOut() - last.timedOut(), "request", " timed out waiting for a connection");
        note(at, "refusal", now.rejected() - last.rejected(), "request", " refused: the queue was full");
        note(at, "refusal", now.refused() - last.refused(), "request", " refused: PostgreSQL was known to be away");
        note(at, "refusal", now.connectFailed() - last.connectFailed(), "request", " refused: no connection opened");
        note(at, "drop", now.dropped() - last.dropped(), "connection", " dropped" + reason);
        note(at, "reconnect", now.sslReconnects() - last.sslReconnects(), "dropped TLS connection", " replaced");
        noteState(at, state);
    }

    private void note(Instant at, String kind, long count, String what, String became) {
        if (count > 0) {
            add(new Event(at, at, kind, count, what + became, what + "s" + became));
        }
    }

    private void noteState(Instant at, DatabaseState state) {
        DatabaseState.State known = stateBefore;
        stateBefore = state.state();
        if (known == null || known == state.state()) {
            return;
        }
        boolean up = state.state() == DatabaseState.State.OK;
        String text = up ? "PostgreSQL answers again" : "PostgreSQL " + words(state) + ": " + state.lastError();
        add(new Event(at, at, up ? "up" : "down", 0, text, text));
    }

    static String words(DatabaseState state) {
        return state.state() == DatabaseState.State.CREDENTIALS_REJECTED
                ? "rejects our credentials"
                : "does not answer";
    }

    private void add(Event event) {
        Event newest = events.peekFirst();
        if (newest != null && newest.goesOn(event)) {
            events.removeFirst();
            events.addFirst(newest.and(event));
            return;
        }
        if (events.size() == MOST_EVENTS) {
            events.removeLast();
        }
        events.addFirst(event);
    }

    /** What happened in these 15 minutes, the newest first, 50 at most. */
    synchronized List<Event> events() {
        Instant from = clock.instant().minusSeconds(SECONDS);
        return events.stream().filter(event -> event.until().isAfter(from)).toList();
    }

    /**
     * The samples that are newer than {@code after}, in seconds since 1970, the oldest first, as JSON: a list of lists, each
     * the time and then the columns above.
     */
    synchronized String json(long after) {
        StringBuilder json = new StringBuilder("[");
        for (long i = Math.max(0, taken - SECONDS); i < taken; i++) {
            int slot = (int) (i % SECONDS);
            if (times[slot] > after) {
                json.append(json.length() == 1 ? "[" : ",[").append(times[slot]);
                for (int column = 0; column < COLUMNS; column++) {
                    json.append(',').append(values[slot * COLUMNS + column]);
                }
                json.append(']');
            }
        }
        return json.append(']').toString();
    }
}
