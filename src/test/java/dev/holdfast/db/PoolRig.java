package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.time.Duration;

/** A pool on a manual clock whose connections are fakes. Limits are to be set before the first use. */
final class PoolRig {

    static final ConnectFailure REFUSED = ConnectFailure.of(new ConnectException());
    static final ConnectFailure WRONG_PASSWORD = ConnectFailure.of(refusal("28P01"));

    final ManualClock clock = new ManualClock();
    final FakePool opener = new FakePool();
    int maxSize = 4;
    int maxWaiting = 8;
    int shareMaxInUse = Integer.MAX_VALUE;
    int shareMaxWaiting = Integer.MAX_VALUE;
    int burst = 2;
    Duration spacing = Duration.ZERO;
    Duration lifoAfter = Duration.ofHours(1);
    Duration outageAfter = Duration.ofSeconds(1);
    int batches = 2;
    double random = 0.5;
    private ConnectionPool pool;

    static PgException refusal(String sqlState) {
        return new PgException("refused", "FATAL", sqlState, null);
    }

    PoolRig maxSize(int size) {
        maxSize = size;
        return this;
    }

    PoolRig maxWaiting(int waiting) {
        maxWaiting = waiting;
        return this;
    }

    PoolRig burst(int attempts) {
        burst = attempts;
        return this;
    }

    DbLimits limits() {
        return new DbLimits(
                maxSize,
                maxWaiting,
                shareMaxInUse,
                shareMaxWaiting,
                burst,
                spacing.toNanos(),
                lifoAfter.toNanos(),
                Duration.ofSeconds(10).toNanos(),
                Duration.ofSeconds(300).toNanos(),
                Duration.ofSeconds(600).toNanos(),
                Duration.ofSeconds(30).toNanos(),
                outageAfter.toNanos(),
                Duration.ofSeconds(5).toNanos(),
                batches);
    }

    ConnectionPool pool() {
        if (pool == null) {
            pool = new ConnectionPool(limits(), opener, clock, clock::nanos, clock::instant, () -> random);
        }
        return pool;
    }

    FakeWaiter ask() {
        return ask("p", Duration.ofSeconds(30), null);
    }

    FakeWaiter ask(String project) {
        return ask(project, Duration.ofSeconds(30), null);
    }

    FakeWaiter ask(Duration deadline) {
        return ask("p", deadline, null);
    }

    FakeWaiter ask(String project, Duration deadline, Object home) {
        FakeWaiter waiter = waiter(project, deadline, home);
        pool().acquire(waiter);
        return waiter;
    }

    FakeWaiter waiter(String project, Duration deadline, Object home) {
        return new FakeWaiter(new Ticket(project, new Deadline(clock.nanos() + deadline.toNanos())), home);
    }

    /** Asks for what others can be asked for at the same time. */
    FakeWaiter askFor(Object read) {
        return askFor(read, "p", "p");
    }

    FakeWaiter askFor(Object read, String project, String share) {
        Deadline deadline = new Deadline(clock.nanos() + Duration.ofSeconds(30).toNanos());
        FakeWaiter waiter = new FakeWaiter(new Ticket(project, share, deadline), null, read);
        pool().acquire(waiter);
        return waiter;
    }

    /** A waiter that has a connection, a new one if none is idle. */
    FakeWaiter lent() {
        FakeWaiter waiter = ask();
        if (waiter.lease == null) {
            opener.succeed();
        }
        assertThat(waiter.lease).isNotNull();
        return waiter;
    }

    /** Leaves {@code count} connections idle, the last of them used most recently. */
    void idle(int count) {
        FakeWaiter[] waiters = new FakeWaiter[count];
        for (int i = 0; i < count; i++) {
            waiters[i] = lent();
        }
        for (FakeWaiter waiter : waiters) {
            waiter.lease.release();
        }
    }

    PoolFigures figures() {
        return pool().figures();
    }

    void advance(Duration duration) {
        clock.advance(duration);
    }

    /** What is true at every moment, whatever has happened. */
    void verify() {
        PoolFigures now = figures();
        assertThat(now.inUse() + now.idle() + now.opening()).isBetween(0, maxSize);
        assertThat(opener.links.stream().filter(link -> link.open).count() + opener.pending())
                .as("sockets")
                .isLessThanOrEqualTo(maxSize);
        assertThat(now.asked())
                .isEqualTo(now.acquired()
                        + now.timedOut()
                        + now.rejected()
                        + now.cancelled()
                        + now.connectFailed()
                        + now.refused()
                        + now.waiting());
        assertThat(now.opened() - now.closed())
                .isEqualTo(opener.links.stream().filter(link -> link.open).count())
                .isEqualTo(now.encrypted() + now.plaintext());
        assertThat(now.projects().stream().mapToInt(PoolFigures.Project::inUse).sum())
                .isEqualTo(now.inUse());
        assertThat(now.projects().stream()
                        .mapToInt(PoolFigures.Project::waiting)
                        .sum())
                .isEqualTo(now.waiting());
    }
}
