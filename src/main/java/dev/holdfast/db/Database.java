package dev.holdfast.db;

import io.quarkus.arc.ClientProxy;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Runs statements on the pool: admission, acquire, run, classify, retry, account, release. */
// Not ApplicationScoped: Call and Monitor use its fields, which a client proxy does not have.
@Singleton
public class Database {

    private static final Logger LOG = Logger.getLogger(Database.class);
    private static final long SWEEP_MILLIS = 1_000;
    private static final int RETRY_RESERVE = 100;

    private final VertxInternal vertx;
    private final Map<String, OperationFigures> operations = new ConcurrentHashMap<>();
    private final DatasourcePool source;
    private final Pool datasource;
    private final DbLimits limits;
    private final long sweeper;
    final Timers timers;
    final RetryBudget budget = new RetryBudget(RETRY_RESERVE);
    final Backoff backoff = new Backoff(
            TimeUnit.MILLISECONDS.toNanos(20),
            TimeUnit.SECONDS.toNanos(1),
            () -> ThreadLocalRandom.current().nextDouble());
    final ConnectionPool pool;

    /** How long those whom a statement for several did not answer are asked for one after another, in nanoseconds. */
    long turns = TimeUnit.MILLISECONDS.toNanos(50);

    private final Repeats repeats = new Repeats(System::nanoTime);

    @Inject
    Database(Vertx vertx, DatasourcePool source, Pool pool) {
        this.vertx = (VertxInternal) vertx;
        this.source = source;
        this.datasource = ClientProxy.unwrap(pool);
        this.limits = source.limits;
        this.timers = vertxTimers(vertx);
        this.pool = new ConnectionPool(
                limits,
                new PoolLender(datasource, source, timers, new ConnectLog(this::level)),
                timers,
                System::nanoTime,
                InstantSource.system(),
                () -> ThreadLocalRandom.current().nextDouble());
        this.sweeper = vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
        LOG.infof(
                "Database: %s, pool of %d, at most %d waiting", source.session, limits.maxSize(), limits.maxWaiting());
    }

    /**
     * Runs one statement on a connection of the pool. Cancelling the subscription takes the request out of the queue, or
     * gives the connection back as soon as the statement ends; a statement that goes on for more than a moment is
     * cancelled together with its connection.
     *
     * @param mapper makes the result of the rows; it runs when the connection has already gone back
     * @return on the caller's context; fails with {@link DbException}, or with what {@code mapper} throws
     */
    public <T extends @Nullable Object> Uni<T> query(
            Ticket ticket, Statement statement, Tuple params, Function<RowSet<Row>, T> mapper) {
        return query(ticket, statement, params, (rows, replayed) -> mapper.apply(rows));
    }

    /**
     * As {@link #query(Ticket, Statement, Tuple, Function)}, for a statement that finds its work already done when it is
     * replayed.
     *
     * @param mapper is also told whether an earlier sending was lost, and so may have been committed
     */
    public <T extends @Nullable Object> Uni<T> query(
            Ticket ticket, Statement statement, Tuple params, BiFunction<RowSet<Row>, Boolean, T> mapper) {
        return call(ticket, statement, () -> params, mapper, null);
    }

    /**
     * As {@link #query(Ticket, Statement, Tuple, Function)}, for a read that may be done together with others of the ticket's
     * share which wait for a connection at the same time.
     */
    public <Q, T extends @Nullable Object> Uni<T> query(Ticket ticket, BatchRead<Q, T> read, Q asked) {
        return call(
                ticket,
                read.one(),
                () -> read.params(ticket.project(), asked),
                (rows, replayed) ->
                        read.answer(rows.size() == 0 ? null : rows.iterator().next()),
                new Call.Batch<>(read, asked));
    }

    private <T extends @Nullable Object> Uni<T> call(
            Ticket ticket,
            Statement statement,
            Supplier<Tuple> params,
            BiFunction<RowSet<Row>, Boolean, T> mapper,
            Call.@Nullable Batch<?, T> batch) {
        return Uni.createFrom().emitter(emitter -> {
            ContextInternal caller = vertx.getOrCreateContext();
            Call<T> call = new Call<>(this, caller, ticket, statement, params, mapper, batch, emitter);
            emitter.onTermination(call::cancel);
            call.start();
        });
    }

    /** The pool now. */
    public PoolFigures figures() {
        return pool.figures();
    }

    /** Connections that Vert.x's pool has, whoever uses them, and those that it is opening. */
    public int held() {
        return datasource.size();
    }

    /** How long requests have waited for a connection that they got, since the start. */
    public Buckets.View acquireBuckets() {
        return pool.ledger.acquireBuckets.view();
    }

    /** From a connection's lease to its return, since the start. */
    public Buckets.View usageBuckets() {
        return pool.ledger.usageBuckets.view();
    }

    /** What has been done since the start, by {@link Statement#operation()}. */
    public Map<String, OperationFigures.View> operations() {
        Map<String, OperationFigures.View> views = new TreeMap<>();
        operations.forEach((name, figures) -> views.put(name, figures.view()));
        return views;
    }

    /** The mode that connections are really opened with. */
    public SslMode sslMode() {
        return source.session.sslMode();
    }

    /**
     * When the first of the server's certificates ends, as the last TLS handshake showed them; empty before there was
     * one.
     */
    public Optional<Instant> serverCertificateExpiry() {
        return Optional.ofNullable(source.wire.certificateExpiry());
    }

    long now() {
        return System.nanoTime();
    }

    /**
     * Opens a connection that is not the pool's, on an event loop of its own.
     *
     * @param patience the longest that it may take, if that is shorter than the configured time
     */
    Future<PgLink> openApart(Duration patience) {
        Duration longest = source.wire.timeout();
        return source.wire
                .open(source.homes.of(null), patience.compareTo(longest) < 0 ? patience : longest)
                .link();
    }

    /** Logs what was slow. */
    void ran(Statement statement, Lease lease, long ranNanos, Failures.@Nullable Verdict verdict) {
        if (lease.waitedNanos + ranNanos >= limits.slowQuery()) {
            LOG.logf(
                    level("Slow: " + statement.operation()),
                    "Slow: %s waited %d ms for a connection and ran %d ms%s",
                    statement.operation(),
                    TimeUnit.NANOSECONDS.toMillis(lease.waitedNanos),
                    TimeUnit.NANOSECONDS.toMillis(ranNanos),
                    verdict == null ? "" : ", then failed: " + verdict.kind());
        }
    }

    OperationFigures figures(Statement statement) {
        return operations.computeIfAbsent(statement.operation(), name -> new OperationFigures(System::nanoTime));
    }

    /** Waits for the connections' proper end: PostgreSQL logs an error where a process just goes. */
    void shutDown(@Observes ShutdownEvent event) {
        vertx.cancelTimer(sweeper);
        CountDownLatch ended = new CountDownLatch(1);
        pool.shutDown(ended::countDown);
        Farewell.await(ended);
    }

    private void sweep() {
        pool.sweep();
        repeats.sweep((kind, count, seconds) -> LOG.warnf("%s: %d more in the last %d s", kind, count, seconds));
    }

    /** Repeats are still there for whoever looks closely. */
    private Logger.Level level(String kind) {
        return repeats.first(kind) ? Logger.Level.WARN : Logger.Level.DEBUG;
    }

    private static Timers vertxTimers(Vertx vertx) {
        return (nanos, task) -> {
            long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
            long id = vertx.setTimer(millis, fired -> task.run());
            return () -> vertx.cancelTimer(id);
        };
    }
}
