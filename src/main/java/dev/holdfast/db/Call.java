package dev.holdfast.db;

import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.impl.ContextInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One request for a statement on its way: asking for a connection, running, and doing so again where that is safe.
 * Everything here happens on the caller's context, one thing at a time; what comes from elsewhere is brought there first.
 */
final class Call<T extends @Nullable Object> {

    /** A statement whose caller has gone is left to finish for this long: most do, and their connection lives on. */
    private static final long CANCEL_GRACE = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MOST_SENDINGS = 6;

    private static final Logger LOG = Logger.getLogger(Call.class);

    /** What it asks for in common with others. */
    record Batch<Q, T extends @Nullable Object>(BatchRead<Q, T> read, Q asked) {}

    private final Database db;
    private final ContextInternal caller;
    private final Ticket ticket;
    final Statement statement;
    private final Supplier<Tuple> params;
    private final BiFunction<RowSet<Row>, Boolean, T> mapper;
    private final @Nullable Batch<?, T> batch;
    private final UniEmitter<? super T> answer;
    final OperationFigures figures;
    private final long startedAt;

    // Read by whoever sends for several calls.
    private volatile boolean over;
    private volatile boolean replayed;
    private final AtomicInteger sendings = new AtomicInteger();

    private boolean alone;
    private int refusals;
    private @Nullable Waiter waiter;
    private @Nullable Sending sending;
    private @Nullable Runnable disarm;

    /** @param batch null for a statement that is always sent for one */
    Call(
            Database db,
            ContextInternal caller,
            Ticket ticket,
            Statement statement,
            Supplier<Tuple> params,
            BiFunction<RowSet<Row>, Boolean, T> mapper,
            @Nullable Batch<?, T> batch,
            UniEmitter<? super T> answer) {
        this.db = db;
        this.caller = caller;
        this.ticket = ticket;
        this.statement = statement;
        this.params = params;
        this.mapper = mapper;
        this.batch = batch;
        this.alone = batch == null;
        this.answer = answer;
        this.figures = db.figures(statement);
        this.startedAt = db.now();
    }

    void start() {
        db.budget.earn();
        onItsContext(Call::attempt);
    }

    /** The caller has lost interest; called on any thread. */
    void cancel() {
        onItsContext(Call::abandon);
    }

    /** Called on any thread. */
    void onItsContext(Consumer<Call<T>> action) {
        caller.emit(this, action::accept);
    }

    private void attempt() {
        if (over) {
            return;
        }
        if (!canBeDone(db.now())) {
            fail(deadlineExceeded(false));
            return;
        }
        waiter = new Asking(this);
        db.pool.acquire(waiter);
    }

    /** A call in the pool's queue. */
    private static final class Asking extends Waiter {

        private final Call<?> call;

        Asking(Call<?> call) {
            super(
                    call.ticket,
                    call.caller.nettyEventLoop(),
                    call.alone ? null : call.batch().read());
            this.call = call;
        }

        @Override
        void granted(Lease lease, List<Waiter> company) {
            List<Call<?>> calls = new ArrayList<>(1 + company.size());
            calls.add(call);
            company.forEach(other -> calls.add(((Asking) other).call));
            call.caller.emit(calls, all -> Sending.begin(call.db, call.caller, lease, all));
        }

        @Override
        void failed(DbException failure) {
            call.onItsContext(c -> c.notGranted(failure));
        }
    }

    private void notGranted(DbException failure) {
        waiter = null;
        if (over) {
            return;
        }
        if (!replayed || !statement.write()) {
            fail(failure);
            return;
        }
        // A write that may have been done is asked for again until the deadline, outage or not.
        long delay = db.backoff.delay(++refusals);
        if (failure.kind() == DbException.Kind.DEADLINE_EXCEEDED) {
            fail(deadlineExceeded(true));
        } else if (failure.kind() != DbException.Kind.CREDENTIALS_REJECTED && inTime(delay)) {
            again(delay);
        } else {
            fail(outcomeUnknown(failure));
        }
    }

    /** Whether it is still wanted and can be done; asked on any thread. */
    boolean isWorthwhile(long now) {
        return !over && canBeDone(now);
    }

    boolean isOver() {
        return over;
    }

    int sendings() {
        return sendings.get();
    }

    void tooLate() {
        waiter = null;
        if (!over) {
            fail(deadlineExceeded(false));
        }
    }

    Tuple params() {
        return params.get();
    }

    String project() {
        return ticket.project();
    }

    Batch<?, T> batch() {
        return Objects.requireNonNull(batch);
    }

    void sent(Sending sending) {
        waiter = null;
        if (over) {
            leaveSoon(sending);
            return;
        }
        this.sending = sending;
        sendings.incrementAndGet();
        disarm = db.timers.after(ticket.deadline().remainingNanos(db.now()), () -> onItsContext(Call::deadlinePassed));
    }

    void answered(Sending of, RowSet<Row> rows) {
        if (ended(of)) {
            succeed(() -> mapper.apply(rows, replayed));
        }
    }

    /** @param row its own of what was asked for several */
    void answered(Sending of, @Nullable Row row) {
        if (ended(of)) {
            succeed(() -> batch().read().answer(row));
        }
    }

    /**
     * @param affordable whether the budget has a retry for it
     * @param delay how long to wait before that, in nanoseconds
     */
    void failed(Sending of, Failures.Verdict verdict, Throwable cause, boolean affordable, long delay) {
        if (ended(of)) {
            failed(verdict, cause, affordable, delay);
        }
    }

    /** What was sent for several did not answer this one. */
    void askAlone(Sending of) {
        if (ended(of)) {
            alone = true;
            attempt();
        }
    }

    /** Whether anybody waits for what came of it. */
    private boolean ended(Sending of) {
        if (sending == of) {
            sending = null;
            disarm();
        }
        return !over;
    }

    private void succeed(Supplier<T> mapped) {
        end();
        long now = db.now();
        figures.succeeded(now - startedAt, now);
        T value;
        try {
            value = mapped.get();
        } catch (RuntimeException | Error e) {
            answer.fail(e);
            return;
        }
        answer.complete(value);
    }

    private void failed(Failures.Verdict verdict, Throwable cause, boolean affordable, long delay) {
        if (verdict.next() == Failures.Next.REPORT || verdict.next() == Failures.Next.BROKEN) {
            fail(Failures.ofStatement(verdict.kind(), describe(verdict.kind()), statement.write(), replayed, cause));
            return;
        }
        boolean lost = verdict.next() == Failures.Next.LOST;
        replayed = replayed || lost;
        // The budget keeps retries a small part of the work; that a write may have been done is settled even beyond it.
        boolean worthIt = affordable || replayed && statement.write();
        if (sendings() < MOST_SENDINGS && inTime(delay) && worthIt) {
            figures.retried();
            LOG.debugf("%s failed (%s) and is tried again", statement.operation(), verdict.kind());
            again(delay);
        } else if (replayed && statement.write()) {
            fail(outcomeUnknown(cause));
        } else {
            fail(Failures.ofStatement(verdict.kind(), describe(verdict.kind()), statement.write(), replayed, cause));
        }
    }

    /** What may have been done already is always worth another try. */
    private boolean canBeDone(long now) {
        long left = ticket.deadline().remainingNanos(now);
        return left > 0 && (replayed || figures.canBeDoneIn(left, now));
    }

    private boolean inTime(long delay) {
        return ticket.deadline().remainingNanos(db.now()) > delay;
    }

    private void again(long delay) {
        disarm = db.timers.after(delay, () -> onItsContext(Call::attempt));
    }

    private void deadlinePassed() {
        if (over || sending == null) {
            return;
        }
        Sending running = sending;
        sending = null;
        fail(deadlineExceeded(true));
        running.leave(this, "the request's deadline passed");
    }

    private void abandon() {
        if (over) {
            return;
        }
        end();
        if (waiter != null) {
            db.pool.cancel(waiter);
        }
        if (sending != null) {
            leaveSoon(sending);
        }
    }

    private void leaveSoon(Sending running) {
        db.timers.after(CANCEL_GRACE, () -> running.leave(this, "the client has gone"));
    }

    private void fail(DbException failure) {
        end();
        long now = db.now();
        figures.failed(failure.kind(), now - startedAt, now);
        answer.fail(failure);
    }

    private void end() {
        over = true;
        disarm();
    }

    private void disarm() {
        if (disarm != null) {
            disarm.run();
            disarm = null;
        }
    }

    private DbException outcomeUnknown(Throwable cause) {
        return Failures.ofStatement(
                DbException.Kind.OUTCOME_UNKNOWN,
                "The connection was lost while the write was under way, and it could not be settled in time whether it"
                        + " was done.",
                true,
                true,
                cause);
    }

    private DbException deadlineExceeded(boolean sent) {
        return Failures.ofStatement(
                DbException.Kind.DEADLINE_EXCEEDED,
                sent
                        ? "The request's deadline passed."
                        : "The request's deadline has passed, or leaves too little time for what it asks for.",
                statement.write() && (sent || replayed),
                replayed,
                null);
    }

    private static String describe(DbException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> "The connection to PostgreSQL was lost.";
            case OVERLOADED -> "PostgreSQL is overloaded.";
            case DISK_FULL -> "PostgreSQL's disk is full.";
            case READ_ONLY -> "PostgreSQL is read-only.";
            case STATEMENT_TIMEOUT -> "PostgreSQL cancelled the statement after its time limit.";
            case CONSTRAINT -> "A constraint was violated.";
            default -> "The statement failed.";
        };
    }
}
