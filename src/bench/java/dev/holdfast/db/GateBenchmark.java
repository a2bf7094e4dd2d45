package dev.holdfast.db;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one request pays for its turn: asking for a connection and giving it back, with accounting and percentiles. The
 * connections are fakes, and timers cost nothing here.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class GateBenchmark {

    private static final int CONNECTIONS = 50;
    private static final int WAITERS = 200;
    private static final int PROJECTS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Object HOME = new Object();

    /** Remembers what it was given. */
    private static final class Asker extends Waiter {

        private final ArrayDeque<Lease> leases;

        Asker(String project, ArrayDeque<Lease> leases) {
            super(new Ticket(project, Deadline.in(PATIENCE)), HOME, null);
            this.leases = leases;
        }

        @Override
        void granted(Lease lease, List<Waiter> company) {
            leases.add(lease);
        }

        @Override
        void failed(DbException failure) {
            throw failure;
        }
    }

    private final String[] projects = new String[PROJECTS];
    private ArrayDeque<Lease> alone;
    private ArrayDeque<Lease> crowded;
    private ConnectionPool idlePool;
    private ConnectionPool fullPool;
    private int turn;

    // Anew for each iteration: who has waited for ten seconds would be late.
    @Setup(Level.Iteration)
    public void fill() {
        for (int i = 0; i < PROJECTS; i++) {
            projects[i] = "project-" + i;
        }
        alone = new ArrayDeque<>();
        idlePool = pool(alone);
        while (!alone.isEmpty()) {
            alone.remove().release();
        }
        crowded = new ArrayDeque<>();
        fullPool = pool(crowded);
        for (int i = 0; i < WAITERS; i++) {
            ask(fullPool, crowded);
        }
    }

    private ConnectionPool pool(ArrayDeque<Lease> leases) {
        PoolRig rig = new PoolRig().maxSize(CONNECTIONS).maxWaiting(2 * WAITERS).burst(CONNECTIONS);
        ConnectionPool pool = new ConnectionPool(
                rig.limits(),
                new Parking(),
                (nanos, task) -> () -> {},
                System::nanoTime,
                InstantSource.system(),
                () -> 0.5);
        for (int i = 0; i < CONNECTIONS; i++) {
            ask(pool, leases);
        }
        if (leases.size() != CONNECTIONS) {
            throw new IllegalStateException(leases.size() + " connections were lent");
        }
        return pool;
    }

    /** Opens, takes and parks at once, at next to no cost: what is measured is ours. */
    private static final class Parking implements Lender {

        private final ArrayDeque<Link> parked = new ArrayDeque<>();

        @Override
        public Object anyHome() {
            return this;
        }

        @Override
        public Runnable open(Object home, Attempt attempt) {
            Link link = new FakeLink(home, true);
            attempt.opened(link);
            attempt.answered(link);
            return () -> {};
        }

        @Override
        public Runnable take(Object home, Consumer<Link> answered) {
            return () -> answered.accept(parked.poll());
        }

        @Override
        public Runnable park(Link link) {
            parked.push(link);
            return () -> {};
        }
    }

    private void ask(ConnectionPool pool, ArrayDeque<Lease> leases) {
        pool.acquire(new Asker(projects[turn++ & (PROJECTS - 1)], leases));
    }

    /** An idle connection is there. */
    @Benchmark
    public void acquireAndRelease() {
        ask(idlePool, alone);
        alone.remove().release();
    }

    /** All are lent and 200 of eight projects wait: one connection goes to the next of them, and one more comes to wait. */
    @Benchmark
    public void acquireAndReleaseWith200Waiting() {
        crowded.remove().release();
        ask(fullPool, crowded);
    }
}
