package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool does while connect attempts fail. */
class PoolOutageTest {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(2);

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void theNextAttemptComesAfterABackoffAndWaitersStay() {
        FakeWaiter waiter = rig.ask();
        rig.opener.fail(PoolRig.REFUSED);

        assertThat(waiter.answered()).isFalse();
        assertThat(rig.opener.pending()).isZero();
        rig.advance(Duration.ofMillis(25).minusNanos(1));
        assertThat(rig.opener.pending()).isZero();
        rig.advance(Duration.ofNanos(1));
        assertThat(rig.opener.pending()).isEqualTo(1);

        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
        assertThat(rig.figures().connectFailures()).isEqualTo(1);
        assertThat(rig.figures().connectFailed()).isZero();
    }

    @Test
    void whoComesDuringTheBackoffStartsNoAttemptOfItsOwn() {
        rig.ask();
        rig.opener.fail(PoolRig.REFUSED);

        rig.ask();

        assertThat(rig.opener.pending()).isZero();
    }

    @Test
    void whileAttemptsFailThereIsOneAtATime() {
        rig.maxSize(4).burst(4);
        for (int i = 0; i < 4; i++) {
            rig.ask();
        }
        assertThat(rig.opener.pending()).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            rig.opener.fail(PoolRig.REFUSED);
        }
        for (int i = 0; i < 5; i++) {
            rig.advance(Duration.ofMillis(150));
            assertThat(rig.opener.pending()).isLessThanOrEqualTo(1);
            if (rig.opener.pending() == 1) {
                rig.opener.fail(PoolRig.REFUSED);
            }
        }
        rig.advance(Duration.ofSeconds(1));
        rig.opener.succeed();

        assertThat(rig.opener.pending())
                .as("all that are needed, once it works")
                .isEqualTo(3);
    }

    @Test
    void withNoConnectionLeftAndAttemptsFailingForLongWaitersAreRefused() {
        FakeWaiter first = rig.ask();
        FakeWaiter second = rig.ask();
        failFor(Duration.ofMillis(900));
        assertThat(first.answered()).isFalse();

        failFor(Duration.ofMillis(700));

        for (FakeWaiter waiter : new FakeWaiter[] {first, second}) {
            assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
            assertThat(waiter.failure).hasMessage("PostgreSQL can't be reached (connection refused).");
        }
        assertThat(rig.figures().connectFailed()).isEqualTo(2);
        assertThat(rig.figures().waiting()).isZero();
    }

    @Test
    void whileDownWhoeverComesIsRefusedAtOnceWithTheTimeOfTheNextAttempt() {
        declareDown();

        FakeWaiter refused = rig.ask();

        assertThat(refused.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        assertThat(refused.failure.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
        assertThat(rig.figures().refused()).isEqualTo(1);
    }

    @Test
    void whileDownAttemptsGoOnThoughNobodyWaitsAndTheirSuccessEndsTheOutage() {
        declareDown();
        int before = rig.opener.total();
        failFor(Duration.ofSeconds(5));
        assertThat(rig.opener.total()).isGreaterThan(before + 5);

        rig.advance(Duration.ofSeconds(1));
        rig.opener.succeed();

        assertThat(rig.figures().idle()).isEqualTo(1);
        assertThat(rig.clock.armed()).as("no more probing").isZero();
        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void whileAnyConnectionIsLeftNothingIsRefused() {
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();
        failFor(Duration.ofSeconds(5));
        assertThat(waiter.answered()).isFalse();

        holder.lease.release();
        assertThat(waiter.link()).isSameAs(holder.link());
    }

    @Test
    void whenTheLastConnectionIsLostDuringFailingAttemptsTheOutageIsDeclaredAtTheNextFailure() {
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();
        failFor(Duration.ofSeconds(5));

        holder.link().end(null);
        assertThat(waiter.answered()).isFalse();
        failFor(Duration.ofSeconds(1));

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        holder.lease.lost(null);
    }

    @Test
    void rejectedCredentialsAreAnOutageAtOnce() {
        FakeWaiter waiter = rig.ask();

        rig.opener.fail(PoolRig.WRONG_PASSWORD);

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.CREDENTIALS_REJECTED);
        assertThat(waiter.failure).hasMessage("PostgreSQL rejects our credentials (SQLSTATE 28P01).");
        assertThat(rig.ask().failure.kind()).isEqualTo(DbException.Kind.CREDENTIALS_REJECTED);
    }

    @Test
    void rejectedCredentialsDoNotTouchConnectionsThatWork() {
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();

        rig.opener.fail(PoolRig.WRONG_PASSWORD);
        assertThat(waiter.answered()).isFalse();

        holder.lease.release();
        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void aServerWithoutFreeConnectionsIsOverloadedAndNotUnreachable() {
        rig.outageAfter = Duration.ZERO;
        FakeWaiter waiter = rig.ask();

        rig.opener.fail(ConnectFailure.of(PoolRig.refusal("53300")));

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.OVERLOADED);
        assertThat(waiter.failure).hasMessage("PostgreSQL accepts no connections now (SQLSTATE 53300).");
    }

    @Test
    void oneSlowAttemptAmongManyFailedOnesIsWaitedFor() {
        rig.outageAfter = Duration.ZERO;
        FakeWaiter waiter = rig.ask();
        rig.ask();
        rig.opener.fail(PoolRig.REFUSED);
        assertThat(waiter.answered()).isFalse();

        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void waitersThatLeaveBeforeTheNextAttemptEndTheProbing() {
        FakeWaiter waiter = rig.ask();
        rig.opener.fail(PoolRig.REFUSED);
        rig.pool().cancel(waiter);
        rig.advance(LONG_ENOUGH);

        assertThat(rig.opener.pending()).isZero();
        assertThat(rig.clock.armed()).isZero();
        rig.ask();
        assertThat(rig.opener.pending()).as("the next to come begins anew").isEqualTo(1);
    }

    @Test
    void whoComesWhenAnAttemptWasDueThatNobodyNeededWaitsForTheNextOnly() {
        FakeWaiter first = rig.ask();
        rig.opener.fail(PoolRig.REFUSED);
        rig.pool().cancel(first);
        // By the monitor's failure the next attempt is later than the one that the pool has set its timer for.
        rig.advance(Duration.ofMillis(20));
        rig.pool().unreachable(PoolRig.REFUSED, rig.clock.nanos());
        rig.advance(Duration.ofMillis(10));
        assertThat(rig.opener.pending()).isZero();

        FakeWaiter waiter = rig.ask();
        assertThat(rig.opener.pending()).as("too early").isZero();
        rig.advance(Duration.ofSeconds(1));
        rig.opener.succeed();

        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void whoeverElseReachesPostgresqlSparesTheBackoff() {
        declareDown();
        assertThat(rig.opener.pending()).isZero();

        rig.pool().reachable();
        rig.pool().reachable();

        assertThat(rig.opener.pending()).isEqualTo(1);
        rig.opener.succeed();
        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void thatPostgresqlIsReachableIsNoNewsToAPoolThatReachesIt() {
        rig.pool().reachable();
        assertThat(rig.opener.pending()).isZero();
    }

    @Test
    void afterShutdownNobodyProbes() {
        declareDown();
        rig.pool().shutDown(() -> {});
        rig.advance(LONG_ENOUGH);

        assertThat(rig.opener.pending()).isZero();
        assertThat(rig.clock.armed()).isZero();
    }

    @Test
    void anAttemptThatHangsIsFollowedByAnotherEachSecond() {
        FakeWaiter waiter = rig.ask();
        rig.advance(Duration.ofMillis(999));
        assertThat(rig.opener.pending()).isEqualTo(1);
        rig.advance(Duration.ofMillis(1));
        assertThat(rig.opener.pending()).isEqualTo(2);
        rig.advance(Duration.ofMillis(1000));
        assertThat(rig.opener.pending()).isEqualTo(3);
        assertThat(waiter.answered()).isFalse();
    }

    @Test
    void anAttemptThatSucceedsIsTheEndOfThoseThatHang() {
        FakeWaiter waiter = rig.ask();
        rig.advance(Duration.ofMillis(1000));
        rig.advance(Duration.ofMillis(1000));
        assertThat(rig.opener.pending()).isEqualTo(3);

        rig.opener.succeedLast();

        assertThat(waiter.lease).isNotNull();
        assertThat(rig.opener.pending()).isZero();
        assertThat(rig.opener.givenUp).isEqualTo(2);
        assertThat(rig.figures().opening()).isZero();
        assertThat(rig.figures().lastConnectError()).isNull();
    }

    @Test
    void ofTooManyThatHangTheOldestIsGivenUpAndThatIsAFailure() {
        rig.maxSize(20);
        FakeWaiter waiter = rig.ask();
        for (int second = 0; second < 8; second++) {
            rig.advance(Duration.ofMillis(1000));
        }
        rig.advance(Duration.ofMillis(100));
        assertThat(rig.opener.total()).isEqualTo(9);
        assertThat(rig.opener.givenUp).isEqualTo(1);
        assertThat(rig.opener.pending()).isEqualTo(8);
        assertThat(rig.figures().connectFailures()).isEqualTo(1);
        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
    }

    private void declareDown() {
        FakeWaiter waiter = rig.ask();
        failFor(LONG_ENOUGH);
        assertThat(waiter.failure).isNotNull();
    }

    private void failFor(Duration duration) {
        Duration step = Duration.ofMillis(10);
        for (long i = 0; i < duration.dividedBy(step); i++) {
            if (rig.opener.pending() > 0) {
                rig.opener.fail(PoolRig.REFUSED);
            }
            rig.advance(step);
        }
        if (rig.opener.pending() > 0) {
            rig.opener.fail(PoolRig.REFUSED);
        }
    }

    /** Other replicas may have all of PostgreSQL's connections: ours go on, and the next is opened once there is one. */
    @Test
    void aConnectionThatAnswersEndsTheOutageThoughNoneCanBeOpened() {
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofMillis(1));
        FakeWaiter waiter = rig.ask();
        for (int i = 0; i < 100 && waiter.failure == null; i++) {
            if (rig.opener.pending() > 0) {
                rig.opener.fail(ConnectFailure.of(PoolRig.refusal("53300")));
            }
            rig.advance(Duration.ofMillis(100));
        }
        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.OVERLOADED);

        holder.lease.release();
        rig.advance(Duration.ofSeconds(2));

        FakeWaiter first = rig.ask();
        assertThat(first.lease).isNotNull();
        FakeWaiter second = rig.ask();
        assertThat(second.failure).as("it waits, and is not refused").isNull();
        rig.opener.succeedAll();
        rig.advance(Duration.ofSeconds(2));
        rig.opener.succeedAll();
        assertThat(second.lease).isNotNull();
    }
}
