package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Proxy;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rounds of random load while connections are dropped, opened slowly, refused and silent. At rest after each, our figures,
 * Vert.x's pool and PostgreSQL agree. {@code -Dsoak.seconds=} says how long, {@code -Dsoak.seed=} with which random numbers.
 */
class PoolSoakTest {

    private static final int MAX_SIZE = 10;

    private final DatabaseRig rig = new DatabaseRig();
    private final Proxy proxy = new Proxy("localhost", rig.serverPort());
    private final long seed = Long.getLong("soak.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final Map<DbException.Kind, LongAdder> failed = new EnumMap<>(DbException.Kind.class);

    @AfterEach
    void close() {
        proxy.forward();
        rig.close();
        proxy.close();
    }

    @Test
    void afterRoundsOfAllKindsEverythingAgrees() throws Exception {
        soak(Duration.ofSeconds(12));
    }

    @Test
    @Tag("nightly")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void afterTenMinutesEverythingAgrees() throws Exception {
        soak(Duration.ofSeconds(Long.getLong("soak.seconds", 600)));
    }

    private void soak(Duration length) throws Exception {
        System.out.println("PoolSoakTest: soak.seed=" + seed);
        rig.port(proxy.port());
        rig.config.maxSize = MAX_SIZE;
        rig.config.maxWaiting = 60;
        rig.config.maxLifetime = Duration.ofMillis(900);
        rig.config.idleTimeout = Duration.ofMillis(1_500);
        rig.config.idleCheck = Duration.ofMillis(5);
        rig.config.acquireTimeout = Duration.ofMillis(700);
        rig.config.connectTimeout = Duration.ofSeconds(2);
        rig.config.outageAfter = Duration.ofSeconds(1);
        for (DbException.Kind kind : DbException.Kind.values()) {
            failed.put(kind, new LongAdder());
        }
        // What is set up once per JVM is set up here, and not by several threads at once.
        DatabaseRig.get(rig.read("SELECT 1").onFailure().recoverWithNull());
        long end = System.nanoTime() + length.toNanos();
        int rounds = 0;
        while (System.nanoTime() - end < 0) {
            round();
            proxy.forward();
            rig.atRest();
            rounds++;
        }
        PoolFigures last = rig.figures();
        System.out.printf(
                "%d rounds: %d succeeded, %d cancelled, failed %s; %d opened, %d dropped, %d connects failed, %d timed out%n",
                rounds,
                succeeded.sum(),
                cancelled.sum(),
                failed,
                last.opened(),
                last.dropped(),
                last.connectFailures(),
                last.timedOut());
        assertThat(failed.get(DbException.Kind.INTERNAL).sum()).as("bugs").isZero();
        assertThat(succeeded.sum()).isGreaterThan(rounds);
        assertThat(last.dropped()).isPositive();
    }

    /** Some callers for a while, and something that goes wrong meanwhile. */
    private void round() throws Exception {
        int count = 1 + random.nextInt(60);
        AtomicInteger left = new AtomicInteger(20 + random.nextInt(600));
        CountDownLatch done = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Context loop = ((VertxInternal) rig.vertx).createEventLoopContext();
            Caller caller = new Caller(loop, random.split(), left, done);
            loop.runOnContext(v -> caller.next());
        }
        while (!done.await(random.nextInt(120), TimeUnit.MILLISECONDS)) {
            PoolFigures now = rig.figures();
            assertThat(now.inUse() + now.idle() + now.opening()).isBetween(0, MAX_SIZE);
            assertThat(rig.db().held()).isBetween(0, MAX_SIZE);
            disturb();
        }
    }

    private void disturb() {
        switch (random.nextInt(12)) {
            case 0 -> rig.terminateBackends();
            case 1 -> proxy.hangUp();
            case 2 -> proxy.reset();
            case 3 -> proxy.delay(Duration.ofMillis(random.nextInt(30)));
            case 4 -> proxy.refuse();
            case 5 -> proxy.silence(Proxy.Way.TO_CLIENT);
            default -> proxy.forward();
        }
    }

    /** Asks for one thing after another, on its own event loop. */
    private final class Caller {

        private final Context context;
        private final SplittableRandom random;
        private final AtomicInteger left;
        private final CountDownLatch done;

        Caller(Context context, SplittableRandom random, AtomicInteger left, CountDownLatch done) {
            this.context = context;
            this.random = random;
            this.left = left;
            this.done = done;
        }

        void next() {
            if (left.getAndDecrement() <= 0) {
                done.countDown();
                return;
            }
            Statement statement = new Statement("test.soak", sql(), random.nextBoolean());
            boolean[] over = {false};
            Cancellable call = rig.db()
                    .query(
                            ticket(Duration.ofMillis(20 + random.nextInt(2_000))),
                            statement,
                            Tuple.tuple(),
                            rows -> rows)
                    .subscribe()
                    .with(
                            rows -> end(over, succeeded),
                            failure -> end(over, failed.get(((DbException) failure).kind())));
            if (random.nextInt(12) == 0) {
                rig.vertx.setTimer(
                        1 + random.nextInt(20),
                        id -> context.runOnContext(v -> {
                            call.cancel();
                            end(over, cancelled);
                        }));
            }
        }

        private String sql() {
            return switch (random.nextInt(20)) {
                case 0 -> "SELECT pg_sleep(0.15)";
                case 1 -> "INSERT INTO projects SELECT NULL";
                case 2 -> "SELECT repeat('x', 300000)";
                default -> "SELECT 1";
            };
        }

        private void end(boolean[] over, LongAdder counter) {
            if (!over[0]) {
                over[0] = true;
                counter.increment();
                rig.vertx.setTimer(1 + random.nextInt(3), id -> context.runOnContext(v -> next()));
            }
        }
    }
}
