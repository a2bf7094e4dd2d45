package dev.holdfast.db;

import dev.holdfast.db.Failures.Next;
import dev.holdfast.db.Failures.Verdict;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is done on one lease: the statement of one call, or one for several calls and after it those of whoever that did not
 * answer. Everything happens on the context of the first but {@link #leave}; each call is told on its own.
 */
final class Sending {

    private final Database db;
    private final ContextInternal context;
    private final Lease lease;
    private final List<Call<?>> calls;

    /** Who has a statement to himself yet to come. */
    private final Deque<Call<?>> alone = new ArrayDeque<>();

    private final AtomicInteger interested;
    private long sentAt;

    private Sending(Database db, ContextInternal context, Lease lease, List<Call<?>> calls) {
        this.db = db;
        this.context = context;
        this.lease = lease;
        this.calls = calls;
        this.interested = new AtomicInteger(calls.size());
        this.sentAt = lease.since;
    }

    /**
     * Sends for those who still want it; to be called on {@code context}.
     *
     * @param granted who asked for the connection, and who goes along
     */
    static void begin(Database db, ContextInternal context, Lease lease, List<Call<?>> granted) {
        long now = db.now();
        List<Call<?>> calls = new ArrayList<>(granted.size());
        for (Call<?> call : granted) {
            if (call.isWorthwhile(now)) {
                calls.add(call);
            } else {
                call.onItsContext(Call::tooLate);
            }
        }
        new Sending(db, context, lease, calls).begin();
    }

    private void begin() {
        calls.forEach(call -> call.onItsContext(c -> c.sent(this)));
        if (calls.size() > 1) {
            together();
        } else {
            alone.addAll(calls);
            next();
        }
    }

    /** One who does not wait for the answer any more; the last of them ends the connection, if it is still lent. */
    void leave(String reason) {
        if (interested.decrementAndGet() == 0) {
            lease.jettison(reason);
        }
    }

    /** The statement of the next who has one to himself; after the last the connection goes back. */
    private void next() {
        Call<?> call = alone.poll();
        while (call != null && call.isOver()) {
            call = alone.poll();
        }
        if (call == null) {
            lease.release();
            return;
        }
        Call<?> sender = call;
        run(sender.statement, sender::params).onComplete(result -> answeredAlone(sender, result));
    }

    private Future<RowSet<Row>> run(Statement statement, Supplier<Tuple> params) {
        try {
            return ((PgLink) lease.link()).run(context, statement.sql(), params.get());
        } catch (RuntimeException e) {
            return context.failedFuture(e);
        }
    }

    private void answeredAlone(Call<?> call, AsyncResult<RowSet<Row>> result) {
        Verdict verdict = ended(call, result);
        if (verdict != null && (verdict.next() == Next.LOST || verdict.next() == Next.BROKEN)) {
            alone.addFirst(call);
            failed(verdict, result.cause(), List.copyOf(alone));
            return;
        }
        interested.decrementAndGet();
        next();
        if (verdict == null) {
            call.onItsContext(c -> c.answered(this, result.result()));
        } else {
            tell(List.of(call), verdict, result.cause());
        }
    }

    private void together() {
        run(read().several(), this::paramsOfAll).onComplete(this::answeredTogether);
    }

    private Tuple paramsOfAll() {
        List<Object> asked = new ArrayList<>(calls.size());
        calls.forEach(call -> asked.add(call.batch().asked()));
        return read().params(calls.get(0).project(), asked);
    }

    // All of them have been batched because this is the same for all.
    @SuppressWarnings("unchecked")
    private BatchRead<Object, ?> read() {
        return (BatchRead<Object, ?>) calls.get(0).batch().read();
    }

    private void answeredTogether(AsyncResult<RowSet<Row>> result) {
        Verdict verdict = ended(calls.get(0), result);
        if (verdict == null) {
            shareOut(result.result());
        } else if (verdict.next() == Next.REPORT && verdict.kind() == DbException.Kind.INTERNAL) {
            // What is wrong with one of them is not to be the others' failure.
            alone.addAll(calls);
            next();
        } else {
            failed(verdict, result.cause(), calls);
        }
    }

    private void shareOut(RowSet<Row> rows) {
        @Nullable Row[] answers = new Row[calls.size()];
        for (Row row : rows) {
            answers[row.getLong(row.size() - 1).intValue() - 1] = row;
        }
        List<Runnable> tell = new ArrayList<>(answers.length);
        for (int i = 0; i < answers.length; i++) {
            Row answer = answers[i];
            Call<?> call = calls.get(i);
            if (answer != null && !read().isWhole(answer)) {
                alone.add(call);
            } else {
                tell.add(() -> call.onItsContext(c -> c.answered(this, answer)));
            }
        }
        interested.addAndGet(-tell.size());
        next();
        tell.forEach(Runnable::run);
    }

    /** Accounts for a statement. */
    private @Nullable Verdict ended(Call<?> call, AsyncResult<RowSet<Row>> result) {
        long now = db.now();
        long ranNanos = now - sentAt;
        sentAt = now;
        Verdict verdict = result.succeeded() ? null : Failures.classify(result.cause());
        if (verdict == null) {
            call.figures.ran(ranNanos, now);
        }
        db.ran(call.statement, lease, ranNanos, verdict);
        return verdict;
    }

    /** The end for all of {@code whom}. */
    private void failed(Verdict verdict, Throwable cause, List<Call<?>> whom) {
        switch (verdict.next()) {
            case LOST -> lease.lost(cause);
            case BROKEN -> lease.jettison("the statement failed in the driver");
            case REPORT, AGAIN -> lease.release();
        }
        tell(whom, verdict, cause);
    }

    /** It was one statement that failed, so it takes one retry from the budget, however many asked for it. */
    private void tell(List<Call<?>> whom, Verdict verdict, Throwable cause) {
        boolean again = verdict.next() == Next.LOST || verdict.next() == Next.AGAIN;
        boolean affordable = again && db.budget.take();
        whom.forEach(call -> call.onItsContext(c -> c.failed(this, verdict, cause, affordable)));
    }
}
