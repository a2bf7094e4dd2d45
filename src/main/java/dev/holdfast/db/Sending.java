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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is done on one lease: the statement of one call, or one for several calls and after it those of whoever that did not
 * answer, for a while. Everything happens on the context of the first but {@link #leave}; each call is told on its own.
 */
final class Sending {

    private static final Logger LOG = Logger.getLogger(Sending.class);

    private final Database db;
    private final ContextInternal context;
    private final Lease lease;
    private final List<Call<?>> calls;
    private final boolean several;

    /** Who has a statement to himself yet to come. */
    private final Deque<Call<?>> alone = new ArrayDeque<>();

    /** Who of several has neither been answered nor left. */
    private final Set<Call<?>> interested;

    private volatile @Nullable Call<?> running;
    private long sentAt;

    private Sending(Database db, ContextInternal context, Lease lease, List<Call<?>> calls) {
        this.db = db;
        this.context = context;
        this.lease = lease;
        this.calls = calls;
        this.several = calls.size() > 1;
        this.interested = several ? ConcurrentHashMap.newKeySet() : Set.of();
        if (several) {
            interested.addAll(calls);
        }
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
        if (several) {
            together();
        } else {
            alone.addAll(calls);
            next();
        }
    }

    /**
     * One who does not wait for the answer any more: whoever has a statement to himself under way, or is the last, ends the
     * connection, if it is still lent.
     */
    void leave(Call<?> call, String reason) {
        boolean last = several && interested.remove(call) && interested.isEmpty();
        if (last || call.equals(running)) {
            lease.jettison(reason);
        }
    }

    /** The statement of the next who has one to himself; after the last the connection goes back. */
    private void next() {
        alone.removeIf(Call::isOver);
        if (alone.isEmpty()) {
            lease.release();
        } else if (several && sentAt - lease.since > db.turns) {
            lease.release();
            askApart();
        } else {
            Call<?> call = alone.remove();
            running = call;
            run(call.statement, call::params).onComplete(result -> answeredAlone(call, result));
        }
    }

    /** Those who have a statement to themselves yet to come ask for a connection to themselves. */
    private void askApart() {
        alone.forEach(call -> call.onItsContext(c -> c.askAlone(this)));
        alone.clear();
    }

    private Future<RowSet<Row>> run(Statement statement, Supplier<Tuple> params) {
        Tuple made;
        try {
            made = params.get();
        } catch (RuntimeException e) {
            return context.failedFuture(
                    Failures.of(DbException.Kind.INTERNAL, "The parameters could not be made.", null, e));
        }
        return ((PgLink) lease.link()).run(context, statement.sql(), made);
    }

    private void answeredAlone(Call<?> call, AsyncResult<RowSet<Row>> result) {
        Verdict verdict = ended(call, result);
        running = null;
        if (several) {
            interested.remove(call);
        }
        if (verdict != null && (verdict.next() == Next.LOST || verdict.next() == Next.BROKEN)) {
            failed(verdict, result.cause(), List.of(call));
            askApart();
            return;
        }
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
        } else if (verdict.kind() != DbException.Kind.INTERNAL) {
            failed(verdict, result.cause(), calls);
        } else {
            // What is wrong with one of them is not to be the others' failure.
            alone.addAll(calls);
            if (verdict.next() == Next.BROKEN) {
                failed(verdict, result.cause(), List.of());
                askApart();
            } else {
                next();
            }
        }
    }

    private void shareOut(RowSet<Row> rows) {
        List<Runnable> tell = new ArrayList<>(calls.size());
        try {
            sort(rows, tell);
        } catch (RuntimeException e) {
            LOG.errorf(
                    e,
                    "%s for several gave rows that can't be told apart",
                    read().several().operation());
            tell.clear();
            alone.clear();
            alone.addAll(calls);
        }
        next();
        tell.forEach(Runnable::run);
    }

    /** Who has an answer is to be told, the others are asked for alone. */
    private void sort(RowSet<Row> rows, List<Runnable> tell) {
        @Nullable Row[] answers = new Row[calls.size()];
        for (Row row : rows) {
            answers[row.getLong(row.size() - 1).intValue() - 1] = row;
        }
        for (int i = 0; i < answers.length; i++) {
            Row answer = answers[i];
            Call<?> call = calls.get(i);
            if (answer != null && !read().isWhole(answer)) {
                alone.add(call);
            } else {
                tell.add(() -> {
                    interested.remove(call);
                    call.onItsContext(c -> c.answered(this, answer));
                });
            }
        }
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

    /**
     * It was one statement that failed, and those who asked for it try again at the same moment, to be one again: it takes one
     * retry from the budget.
     */
    private void tell(List<Call<?>> whom, Verdict verdict, Throwable cause) {
        boolean again = verdict.next() == Next.LOST || verdict.next() == Next.AGAIN;
        boolean affordable = again && whom.stream().anyMatch(call -> !call.isOver()) && db.budget.take();
        long delay = again ? db.backoff.delay(whom.get(0).sendings()) : 0;
        whom.forEach(call -> call.onItsContext(c -> c.failed(this, verdict, cause, affordable, delay)));
    }
}
