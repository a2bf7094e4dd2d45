package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.AtRest;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everything at once, for a while: nothing is lost, nothing is counted twice, nothing is left. */
class DatabaseLoadTest {

    private static final int OPERATIONS = 100_000;
    private static final int CALLERS = 64;

    private final DatabaseRig rig = new DatabaseRig();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final Map<DbException.Kind, AtomicInteger> failed = new EnumMap<>(DbException.Kind.class);
    private final CountDownLatch done = new CountDownLatch(CALLERS);

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void aHundredThousandMixedOperationsOfSixtyFourCallersAddUp() throws Exception {
        rig.config.maxSize = 12;
        rig.config.maxWaiting = 50;
        rig.config.projectMaxWaiting = OptionalInt.of(50);
        rig.config.maxLifetime = Duration.ofMillis(400);
        rig.config.idleCheck = Duration.ofMillis(2);
        rig.config.statementTimeout = Duration.ofMillis(80);
        rig.config.acquireTimeout = Duration.ofMillis(60);
        for (DbException.Kind kind : DbException.Kind.values()) {
            failed.put(kind, new AtomicInteger());
        }
        // What is set up once per JVM is set up here, and not by four threads at once.
        DatabaseRig.get(rig.read("SELECT 1").onFailure().recoverWithNull());
        List<Context> loops = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            loops.add(((VertxInternal) rig.vertx).createEventLoopContext());
        }
        for (int i = 0; i < CALLERS; i++) {
            Caller caller = new Caller(loops.get(i % loops.size()), new SplittableRandom(i));
            caller.context.runOnContext(v -> caller.next());
        }
        while (!done.await(50, TimeUnit.MILLISECONDS)) {
            PoolFigures now = rig.figures();
            assertThat(now.inUse() + now.idle() + now.opening()).isBetween(0, 12);
            assertThat(now.asked()).isEqualTo(AtRest.ended(now) + now.waiting());
            if (begun.get() % 7 == 0) {
                rig.terminateBackends();
            }
        }

        PoolFigures end = rig.atRest();
        int answered = succeeded.get()
                + cancelled.get()
                + failed.values().stream().mapToInt(AtomicInteger::get).sum();
        assertThat(answered).isEqualTo(OPERATIONS);
        assertThat(end.asked()).isEqualTo(AtRest.ended(end));
        assertThat(failed.get(DbException.Kind.INTERNAL).get()).as("bugs").isZero();
        assertThat(succeeded.get()).isGreaterThan(OPERATIONS / 3);
        assertThat(cancelled.get()).isPositive();
        assertThat(end.dropped()).isPositive();
        for (DbException.Kind kind : List.of(
                DbException.Kind.STATEMENT_TIMEOUT,
                DbException.Kind.CONSTRAINT,
                DbException.Kind.DEADLINE_EXCEEDED,
                DbException.Kind.QUEUE_FULL)) {
            assertThat(failed.get(kind).get()).as(kind.name()).isPositive();
        }
        OperationFigures.View view = rig.db().operations().get("test.mixed");
        assertThat(view.succeeded()).isBetween((long) succeeded.get(), (long) succeeded.get() + cancelled.get());
        assertThat(view.retried()).isPositive();
    }

    /** Does one thing after the other, all on its own context. */
    private final class Caller {

        private final Context context;
        private final SplittableRandom random;

        Caller(Context context, SplittableRandom random) {
            this.context = context;
            this.random = random;
        }

        void next() {
            if (begun.getAndIncrement() >= OPERATIONS) {
                done.countDown();
                return;
            }
            int kind = random.nextInt(100);
            Statement statement = new Statement("test.mixed", sql(kind), random.nextBoolean());
            Duration deadline = Duration.ofMillis(kind == 90 ? 20 : 5_000);
            boolean[] over = {false};
            Cancellable call = rig.db()
                    .query(ticket(deadline), statement, Tuple.tuple(), rows -> rows)
                    .subscribe()
                    .with(rows -> end(over, succeeded, 0), failure -> {
                        DbException.Kind why = ((DbException) failure).kind();
                        end(over, failed.get(why), why == DbException.Kind.QUEUE_FULL ? 2 : 0);
                    });
            if (kind >= 95) {
                rig.vertx.setTimer(1 + random.nextInt(4), id -> leave(over, call));
            } else if (kind == 94) {
                leave(over, call);
            }
        }

        private String sql(int kind) {
            if (kind < 75) {
                return "SELECT pg_sleep(0.001)";
            }
            if (kind < 80) {
                return "INSERT INTO projects SELECT NULL";
            }
            return kind == 90 || kind == 91 ? "SELECT pg_sleep(5)" : "SELECT pg_sleep(0.01)";
        }

        private void leave(boolean[] over, Cancellable call) {
            if (!over[0]) {
                call.cancel();
                end(over, cancelled, 0);
            }
        }

        private void end(boolean[] over, AtomicInteger counter, long pauseMillis) {
            assertThat(over[0]).as("answered twice").isFalse();
            over[0] = true;
            counter.incrementAndGet();
            if (pauseMillis == 0) {
                context.runOnContext(v -> next());
            } else {
                rig.vertx.setTimer(pauseMillis, id -> next());
            }
        }
    }
}
