package dev.holdfast.db;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks PostgreSQL how it is at a steady beat, on one connection of its own that no request can take. It is opened again
 * with backoff when it is lost.
 */
@Singleton
public class Monitor {

    private static final Logger LOG = Logger.getLogger(Monitor.class);

    /** One attempt's longest time. */
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);

    /** How long a beat waits for it: an attempt that hangs does not delay the next, which may be the first to succeed. */
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(1);

    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(1);

    private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(5);

    private final Database database;
    private final Timers timers;
    private final ContextInternal context;
    private final InstantSource wallClock = InstantSource.system();
    private final long intervalNanos;
    private final long couldBeAsked;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Backoff backoff = new Backoff(
            TimeUnit.MILLISECONDS.toNanos(200),
            TimeUnit.SECONDS.toNanos(1),
            () -> ThreadLocalRandom.current().nextDouble());
    private volatile DatabaseState state;
    private volatile @Nullable ServerFigures server;

    // Only touched on the context.
    private @Nullable PgLink link;
    private Promise<PgLink> awaited = Promise.promise();
    private boolean running;
    private boolean stopped;
    private int failures;
    private boolean due = true;
    private Runnable disarm = () -> {};
    private List<UniEmitter<? super Void>> asked = new ArrayList<>();
    private Set<Watch> wanted = new LinkedHashSet<>();
    private final Set<String> listening = new HashSet<>();
    // What failed when it last ran: each is logged once.
    private final Set<String> failing = new HashSet<>();

    private record Listener(String channel, Runnable told) {}

    /** A read that the monitor repeats. */
    public final class Watch {

        private final String name;
        private final String sql;
        private final Supplier<Tuple> params;
        private final Consumer<RowSet<Row>> onRows;

        private Watch(String name, String sql, Supplier<Tuple> params, Consumer<RowSet<Row>> onRows) {
            this.name = name;
            this.sql = sql;
            this.params = params;
            this.onRows = onRows;
        }

        /**
         * Runs it now, after a round that is already under way.
         *
         * @return when it has run; fails with {@link DbException} if PostgreSQL did not answer
         */
        public Uni<Void> refresh() {
            return soon(() -> wanted.add(this));
        }

        /**
         * As {@link #refresh()}, for whoever would like to see his own change here, and can do with the next beat.
         *
         * @param missed told why it did not work, or took longer than a second
         * @return never fails
         */
        public Uni<Void> tryRefresh(Consumer<Throwable> missed) {
            return refresh()
                    .ifNoItem()
                    .after(REFRESH_LIMIT)
                    .fail()
                    .onFailure()
                    .invoke(missed)
                    .onFailure()
                    .recoverWithNull();
        }
    }

    Monitor(Vertx vertx, Database database, DbConfig config) {
        this.database = database;
        this.timers = database.timers;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.intervalNanos = config.monitorInterval().toNanos();
        this.couldBeAsked = new Capacity(config.replicas(), 0, config.maxSize(), config.reservedConnections()).asked();
        this.state = new DatabaseState(
                DatabaseState.State.UNREACHABLE, wallClock.instant(), null, 0, "no attempt has ended yet");
        watch(
                "server",
                ServerFigures.SQL,
                rows -> sampled(ServerFigures.of(rows.iterator().next(), wallClock.instant())));
    }

    /**
     * Registers a read that runs at every beat.
     *
     * @param onRows called on the monitor's event loop; what it throws is logged once and does not stop the monitor
     */
    public Watch watch(String name, String sql, Consumer<RowSet<Row>> onRows) {
        return watch(name, sql, Tuple::tuple, onRows);
    }

    /**
     * As {@link #watch(String, String, Consumer)}, for a read that says what is known already, so that it gets few rows
     * or none where nothing has changed.
     *
     * @param params called on the monitor's event loop, before each run
     */
    public Watch watch(String name, String sql, Supplier<Tuple> params, Consumer<RowSet<Row>> onRows) {
        Watch watch = new Watch(name, sql, params, onRows);
        watches.add(watch);
        return watch;
    }

    /**
     * Has PostgreSQL tell of what is sent on a channel ({@code NOTIFY}). Behind a PgBouncer in transaction mode nothing is
     * ever told: whoever listens must also look by itself now and then.
     *
     * @param channel a name of ours that needs no quotes
     * @param told called on the monitor's event loop for each notification, and whenever listening has begun (again),
     *     because something may have been missed
     */
    public void listen(String channel, Runnable told) {
        listeners.add(new Listener(channel, told));
    }

    /**
     * Runs all watches now, after a round that is already under way.
     *
     * @return when they have run; fails with {@link DbException} if PostgreSQL did not answer
     */
    public Uni<Void> refresh() {
        return soon(() -> due = true);
    }

    /** What is known of PostgreSQL. */
    public DatabaseState state() {
        return state;
    }

    /** What PostgreSQL last said of itself; empty until it has. */
    public Optional<ServerFigures> server() {
        return Optional.ofNullable(server);
    }

    void start(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
        context.runOnContext(v -> beat());
    }

    void stop(@Observes ShutdownEvent event) {
        CountDownLatch ended = new CountDownLatch(1);
        context.runOnContext(v -> {
            stopped = true;
            disarm.run();
            refuse(asked, null);
            asked.clear();
            if (link == null) {
                ended.countDown();
            } else {
                link.onClosed(error -> ended.countDown());
                link.close();
            }
        });
        Farewell.await(ended);
    }

    private Uni<Void> soon(Runnable want) {
        return Uni.createFrom()
                .emitter(emitter -> context.runOnContext(v -> {
                    if (stopped) {
                        emitter.fail(notAnswered(null));
                    } else {
                        want.run();
                        asked.add(emitter);
                        beat();
                    }
                }));
    }

    private void beat() {
        if (running || stopped) {
            return;
        }
        running = true;
        boolean full = due;
        Collection<Watch> round = full ? watches : wanted;
        List<UniEmitter<? super Void>> waiting = asked;
        due = false;
        wanted = new LinkedHashSet<>();
        asked = new ArrayList<>();
        long startedAt = database.now();
        connected().compose(on -> runAll(on, round)).onComplete(done -> {
            running = false;
            if (done.succeeded()) {
                succeeded((database.now() - startedAt) / 1e6);
                waiting.forEach(w -> w.complete(null));
            } else {
                failed(ConnectFailure.of(done.cause()), startedAt);
                refuse(waiting, done.cause());
            }
            if (full || failures > 0) {
                nextBeatIn(failures > 0 ? backoff.delay(failures) : intervalNanos);
            }
            if (due || !asked.isEmpty()) {
                beat();
            }
        });
    }

    private void nextBeatIn(long nanos) {
        disarm.run();
        disarm = timers.after(
                nanos,
                () -> context.runOnContext(v -> {
                    due = true;
                    beat();
                }));
    }

    private static void refuse(List<UniEmitter<? super Void>> waiting, @Nullable Throwable cause) {
        waiting.forEach(w -> w.fail(notAnswered(cause)));
    }

    private static DbException notAnswered(@Nullable Throwable cause) {
        return Failures.of(DbException.Kind.UNAVAILABLE, "PostgreSQL did not answer.", null, cause);
    }

    private Future<PgLink> connected() {
        if (link != null) {
            return context.succeededFuture(link);
        }
        Promise<PgLink> connected = context.promise();
        awaited = connected;
        Runnable limit = timers.after(
                CONNECT_PATIENCE.toNanos(),
                () -> context.runOnContext(
                        v -> connected.tryFail(ConnectFailure.timeout(CONNECT_PATIENCE.toMillis()))));
        database.openApart(CONNECT_LIMIT)
                .onComplete(opened -> context.emit(opened, o -> {
                    limit.run();
                    opened(o, connected);
                }));
        return connected.future();
    }

    /** @param beat what the attempt was begun for; it may have given up meanwhile */
    private void opened(AsyncResult<PgLink> attempt, Promise<PgLink> beat) {
        PgLink opened = attempt.result();
        if (opened == null) {
            beat.tryFail(attempt.cause());
        } else if (link != null || stopped) {
            opened.close();
        } else {
            adopt(opened);
            if (!awaited.tryComplete(opened)) {
                due = true;
                beat();
            }
        }
    }

    private void adopt(PgLink opened) {
        link = opened;
        listening.clear();
        opened.onNotification(channel -> context.runOnContext(v -> notified(channel)));
        opened.onClosed(error -> context.runOnContext(v -> {
            if (link == opened) {
                link = null;
            }
        }));
    }

    private Future<Void> runAll(PgLink on, Collection<Watch> round) {
        Runnable limit = timers.after(ANSWER_LIMIT, on::kill);
        Future<Void> all = context.succeededFuture();
        for (Listener listener : listeners) {
            all = all.compose(v -> listen(on, listener.channel));
        }
        for (Watch watch : round) {
            all = all.compose(v -> run(on, watch));
        }
        return all.onComplete(done -> limit.run());
    }

    private Future<Void> listen(PgLink on, String channel) {
        if (listening.contains(channel)) {
            return context.succeededFuture();
        }
        return on.listen(context, channel).transform(answer -> {
            if (answer.failed()) {
                return refused("LISTEN " + channel, answer.cause());
            }
            failing.remove("LISTEN " + channel);
            listening.add(channel);
            notified(channel);
            return context.succeededFuture();
        });
    }

    private void notified(String channel) {
        listeners.stream().filter(l -> l.channel.equals(channel)).forEach(l -> l.told.run());
    }

    private Future<Void> run(PgLink on, Watch watch) {
        return on.run(context, watch.sql, watch.params.get()).transform(answer -> {
            if (answer.failed()) {
                return refused(watch.name, answer.cause());
            }
            tell(watch, answer.result());
            return context.succeededFuture();
        });
    }

    /** PostgreSQL refusing one thing, because its table is not there yet or it is a standby, does not make it unreachable. */
    private Future<Void> refused(String what, Throwable cause) {
        if (Failures.classify(cause).next() == Failures.Next.LOST) {
            return context.failedFuture(cause);
        }
        if (failing.add(what)) {
            LOG.errorf("PostgreSQL refuses %s: %s", what, cause.getMessage());
        }
        return context.succeededFuture();
    }

    private void tell(Watch watch, RowSet<Row> rows) {
        try {
            watch.onRows.accept(rows);
            failing.remove(watch.name);
        } catch (RuntimeException e) {
            if (failing.add(watch.name)) {
                LOG.errorf(e, "The monitor's watch %s failed on its rows", watch.name);
            }
        }
    }

    private void succeeded(double millis) {
        failures = 0;
        DatabaseState before = state;
        state = before.ok(wallClock.instant(), millis);
        if (before.state() != DatabaseState.State.OK) {
            database.pool.reachable();
            if (before.lastOkAt() == null) {
                LOG.info("PostgreSQL answers");
            } else {
                LOG.infof(
                        "PostgreSQL answers again (it was %s since %s)",
                        before.state().text(), before.since());
            }
        }
    }

    private void failed(ConnectFailure failure, long startedAt) {
        if (stopped) {
            return;
        }
        failures++;
        database.pool.unreachable(failure, startedAt);
        if (link != null) {
            link.kill();
            link = null;
        }
        DatabaseState before = state;
        state = before.failed(failure, wallClock.instant());
        if (before.state() != state.state() || failures == 1) {
            LOG.errorf("PostgreSQL is %s: %s", state.state().text(), failure.getMessage());
        }
    }

    private void sampled(ServerFigures figures) {
        boolean changed = server == null || server.maxConnections() != figures.maxConnections();
        server = figures;
        if (changed && couldBeAsked > figures.maxConnections()) {
            LOG.warnf(
                    "PostgreSQL allows %d connections, but all replicas together could ask for %d"
                            + " (DB_REPLICAS x (DB_CONNECTION_LIMIT + the monitor's) + DB_RESERVED_CONNECTIONS)",
                    figures.maxConnections(), couldBeAsked);
        }
    }
}
