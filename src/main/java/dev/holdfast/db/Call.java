package dev.holdfast.db;

import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.AsyncResult;
import io.vertx.core.impl.ContextInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One statement on its way: asking for a connection, running, and doing so again where that is safe. Everything here
 * happens on the caller's context, one thing at a time; what comes from elsewhere is brought there first.
 */
final class Call<T extends @Nullable Object> {

    /** A statement whose caller has gone is left to finish for this long: most do, and their connection lives on. */
    private static final long CANCEL_GRACE = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MOST_SENDINGS = 6;

    private static final Logger LOG = Logger.getLogger(Call.class);

    private final Database db;
    private final ContextInternal caller;
    private final Ticket ticket;
    private final Statement statement;
    private final Tuple params;
    private final BiFunction<RowSet<Row>, Boolean, T> mapper;
    private final UniEmitter<? super T> answer;
    private final OperationFigures figures;
    private final long startedAt;

    private boolean over;
    private int sendings;
    private int refusals;
    private boolean replayed;
    private @Nullable Waiter waiter;
    private @Nullable Lease lease;
    private @Nullable Runnable disarm;

    Call(
            Database db,
            ContextInternal caller,
            Ticket ticket,
            Statement statement,
            Tuple params,
            BiFunction<RowSet<Row>, Boolean, T> mapper,
            UniEmitter<? super T> answer) {
        this.db = db;
        this.caller = caller;
        this.ticket = ticket;
        this.statement = statement;
        this.params = params;
        this.mapper = mapper;
        this.answer = answer;
        this.figures = db.figures(statement);
        this.startedAt = db.now();
    }

    void start() {
        db.budget.earn();
        caller.emit(null, v -> attempt());
    }

    /** The caller has lost interest; called on any thread. */
    void cancel() {
        caller.emit(null, v -> abandon());
    }

    private void attempt() {
        if (over) {
            return;
        }
        if (!canBeDone()) {
            fail(deadlineExceeded(false));
            return;
        }
        waiter = new Waiter(ticket, caller.nettyEventLoop()) {
            @Override
            void granted(Lease lease) {
                caller.emit(lease, Call.this::granted);
            }

            @Override
            void failed(DbException failure) {
                caller.emit(failure, Call.this::notGranted);
            }
        };
        db.pool.acquire(waiter);
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

    private void granted(Lease granted) {
        waiter = null;
        if (over) {
            granted.release();
            return;
        }
        if (!canBeDone()) {
            granted.release();
            fail(deadlineExceeded(false));
            return;
        }
        lease = granted;
        sendings++;
        long left = ticket.deadline().remainingNanos(db.now());
        disarm = db.timers.after(left, () -> caller.emit(null, v -> deadlinePassed()));
        ((PgLink) granted.link()).run(caller, statement.sql(), params).onComplete(result -> answered(granted, result));
    }

    private void answered(Lease of, AsyncResult<RowSet<Row>> result) {
        if (lease == of) {
            lease = null;
            disarm();
        }
        long now = db.now();
        long ranNanos = now - of.since;
        Failures.Verdict verdict = result.succeeded() ? null : Failures.classify(result.cause());
        switch (verdict == null ? Failures.Next.REPORT : verdict.next()) {
            case LOST -> of.lost(result.cause());
            case BROKEN -> of.jettison("the statement failed in the driver");
            case REPORT, AGAIN -> of.release();
        }
        if (verdict == null) {
            figures.ran(ranNanos, now);
        }
        db.ran(statement, of, ranNanos, verdict);
        if (over) {
            return;
        }
        if (verdict == null) {
            succeed(result.result());
        } else {
            failed(verdict, result.cause());
        }
    }

    private void succeed(RowSet<Row> rows) {
        end();
        long now = db.now();
        figures.succeeded(now - startedAt, now);
        T value;
        try {
            value = mapper.apply(rows, replayed);
        } catch (RuntimeException | Error e) {
            answer.fail(e);
            return;
        }
        answer.complete(value);
    }

    private void failed(Failures.Verdict verdict, Throwable cause) {
        if (verdict.next() == Failures.Next.REPORT || verdict.next() == Failures.Next.BROKEN) {
            fail(Failures.ofStatement(verdict.kind(), describe(verdict.kind()), statement.write(), replayed, cause));
            return;
        }
        boolean lost = verdict.next() == Failures.Next.LOST;
        replayed |= lost;
        long delay = db.backoff.delay(sendings);
        // The budget keeps retries a small part of the work; that a write may have been done is settled even beyond it.
        boolean affordable = db.budget.take() || replayed && statement.write();
        if (sendings < MOST_SENDINGS && inTime(delay) && affordable) {
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
    private boolean canBeDone() {
        long now = db.now();
        long left = ticket.deadline().remainingNanos(now);
        return left > 0 && (replayed || figures.canBeDoneIn(left, now));
    }

    private boolean inTime(long delay) {
        return ticket.deadline().remainingNanos(db.now()) > delay;
    }

    private void again(long delay) {
        disarm = db.timers.after(delay, () -> caller.emit(null, v -> attempt()));
    }

    private void deadlinePassed() {
        if (over || lease == null) {
            return;
        }
        Lease running = lease;
        lease = null;
        fail(deadlineExceeded(true));
        running.jettison("the request's deadline passed");
    }

    private void abandon() {
        if (over) {
            return;
        }
        end();
        if (waiter != null) {
            db.pool.cancel(waiter);
        }
        Lease running = lease;
        if (running != null) {
            db.timers.after(CANCEL_GRACE, () -> running.jettison("the client has gone"));
        }
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
