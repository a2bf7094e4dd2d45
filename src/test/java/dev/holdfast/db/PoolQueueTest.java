package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue's bound, and how waiters leave it other than with a connection. */
class PoolQueueTest {

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void whoFindsTheQueueFullIsRefusedAtOnceWithTheCounts() {
        rig.maxSize(1).maxWaiting(2);
        rig.lent();
        rig.ask();
        rig.ask();

        FakeWaiter refused = rig.ask();

        assertThat(refused.failure.kind()).isEqualTo(DbException.Kind.QUEUE_FULL);
        assertThat(refused.failure)
                .hasMessage("The queue for connections is full: 1 in use, 0 idle, 0 opening, 2 waiting, at most 1.");
        assertThat(refused.failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(rig.figures().rejected()).isEqualTo(1);
        assertThat(rig.figures().waiting()).isEqualTo(2);
    }

    @Test
    void aColdPoolWithoutAQueueTakesAsManyAsItHasSlots() {
        rig.maxSize(3).maxWaiting(0).burst(1);
        FakeWaiter[] taken = {rig.ask(), rig.ask(), rig.ask()};

        assertThat(rig.ask().failure.kind()).isEqualTo(DbException.Kind.QUEUE_FULL);

        rig.opener.succeedAll();
        assertThat(taken).allSatisfy(waiter -> assertThat(waiter.lease).isNotNull());
        assertThat(rig.ask().failure.kind()).isEqualTo(DbException.Kind.QUEUE_FULL);
    }

    @Test
    void withoutAQueueWhoeverNeedsACheckedConnectionStillGetsOne() {
        rig.maxSize(1).maxWaiting(0);
        rig.idle(1);
        rig.advance(Duration.ofSeconds(31));

        FakeWaiter waiter = rig.ask();
        rig.opener.last().answerCheck(null);

        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void withoutAQueueASlotWhoseConnectionIsClosingStillTakesAWaiter() {
        rig.maxSize(1).maxWaiting(0);
        rig.opener.linksCloseAtOnce = false;
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofSeconds(300));
        holder.lease.release();

        FakeWaiter waiter = rig.ask();
        assertThat(waiter.answered()).isFalse();
        holder.link().end(null);
        rig.opener.succeed();

        assertThat(waiter.lease).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 1})
    void theLargestQueueThatCanBeConfiguredIsNotTakenForAFullOne(int maxWaiting) {
        rig.maxSize(4).maxWaiting(maxWaiting);

        assertThat(rig.ask().failure).isNull();
    }

    @Test
    void acquireTimesOutWithPoolCountsInTheMessage() {
        rig.maxSize(2);
        rig.lent();
        rig.lent();
        FakeWaiter waiter = rig.ask();
        rig.ask();

        rig.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(waiter.answered()).isFalse();
        rig.advance(Duration.ofNanos(1));

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.ACQUIRE_TIMEOUT);
        assertThat(waiter.failure)
                .hasMessage("No connection within 10000 ms: 2 in use, 0 idle, 0 opening, 1 waiting, at most 2.");
        assertThat(waiter.failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(rig.figures().timedOut()).isEqualTo(2);
        assertThat(rig.figures().waiting()).isZero();
    }

    @Test
    void anAcquireTimeoutNamesTheLastConnectError() {
        rig.maxSize(2);
        rig.lent();
        FakeWaiter waiter = rig.ask();
        rig.opener.fail(ConnectFailure.timeout(3000));
        rig.advance(Duration.ofSeconds(10));

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.ACQUIRE_TIMEOUT);
        assertThat(waiter.failure)
                .hasMessage("No connection within 10000 ms: 1 in use, 0 idle, 1 opening, 0 waiting, at most 2;"
                        + " the last connect attempt failed: no answer within 3000 ms.");
    }

    @Test
    void aRequestsDeadlineEndsTheWaitWhereItComesFirst() {
        rig.maxSize(1);
        rig.lent();
        FakeWaiter waiter = rig.ask(Duration.ofMillis(700));

        rig.advance(Duration.ofMillis(700));

        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.DEADLINE_EXCEEDED);
        assertThat(waiter.failure)
                .hasMessage("The request's deadline passed after 700 ms of waiting for a connection:"
                        + " 1 in use, 0 idle, 0 opening, 0 waiting, at most 1.");
        assertThat(waiter.failure.retryAfter()).isNull();
        assertThat(rig.figures().timedOut()).isEqualTo(1);
    }

    @Test
    void eachGivesUpAtItsOwnTimeWhoeverCameFirst() {
        rig.maxSize(1);
        rig.lent();
        FakeWaiter patient = rig.ask(Duration.ofSeconds(3));
        FakeWaiter hasty = rig.ask(Duration.ofSeconds(1));
        FakeWaiter between = rig.ask(Duration.ofSeconds(2));

        rig.advance(Duration.ofSeconds(1));
        assertThat(hasty.failure).isNotNull();
        assertThat(between.answered()).isFalse();
        rig.advance(Duration.ofSeconds(1));
        assertThat(between.failure).isNotNull();
        rig.advance(Duration.ofMillis(999));
        assertThat(patient.answered()).isFalse();
        rig.advance(Duration.ofMillis(1));

        assertThat(patient.failure).isNotNull();
        assertThat(rig.clock.armed()).isZero();
    }

    @Test
    void whoComesAfterItsDeadlineTakesNoConnection() {
        rig.idle(1);

        FakeWaiter late = rig.ask(Duration.ZERO);

        assertThat(late.failure.kind()).isEqualTo(DbException.Kind.DEADLINE_EXCEEDED);
        assertThat(rig.figures().idle()).isEqualTo(1);
        assertThat(rig.figures().timedOut()).isEqualTo(1);
    }

    @Test
    void aWaiterWhoseTimeRanOutIsPassedOverEvenIfItsTimerIsLate() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter[] late = new FakeWaiter[1];
        FakeWaiter[] next = new FakeWaiter[1];
        // This timer is set before the waiter's own, for the same moment.
        rig.clock.after(Duration.ofMillis(500).toNanos(), holder.lease::release);
        late[0] = rig.ask(Duration.ofMillis(500));
        next[0] = rig.ask();

        rig.advance(Duration.ofMillis(500));

        assertThat(late[0].failure.kind()).isEqualTo(DbException.Kind.DEADLINE_EXCEEDED);
        assertThat(next[0].lease).isNotNull();
        assertThat(rig.figures().timedOut()).isEqualTo(1);
    }

    @Test
    void aWaiterThatTimedOutMakesRoomForTheNext() {
        rig.maxSize(1).maxWaiting(1);
        rig.lent();
        rig.ask(Duration.ofMillis(1));
        rig.advance(Duration.ofMillis(1));

        assertThat(rig.ask().failure).isNull();
    }

    @Test
    void aCancelledWaiterIsGoneAtOnceAndIsNeverAnswered() {
        rig.maxSize(1).maxWaiting(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();

        assertThat(rig.pool().cancel(waiter)).isTrue();

        assertThat(rig.figures().waiting()).isZero();
        assertThat(rig.figures().cancelled()).isEqualTo(1);
        assertThat(rig.clock.armed()).isZero();
        holder.lease.release();
        assertThat(waiter.answered()).isFalse();
        assertThat(rig.figures().idle()).isEqualTo(1);
    }

    @Test
    void aConnectionThatIsOpenedForACancelledWaiterIsKeptForTheNext() {
        FakeWaiter waiter = rig.ask();
        rig.pool().cancel(waiter);

        rig.opener.succeed();

        assertThat(rig.figures().idle()).isEqualTo(1);
        assertThat(rig.ask().lease).isNotNull();
        assertThat(rig.opener.total()).isEqualTo(1);
    }

    @Test
    void cancellingTooLateSaysSoAndChangesNothing() {
        FakeWaiter granted = rig.lent();
        assertThat(rig.pool().cancel(granted)).isFalse();
        assertThat(rig.figures().inUse()).isEqualTo(1);

        granted.lease.release();
        FakeWaiter timedOut = rig.ask(Duration.ZERO);
        assertThat(rig.pool().cancel(timedOut)).isFalse();
        assertThat(rig.figures().cancelled()).isZero();
    }

    @Test
    void whoIsGrantedAConnectionWhileCancellingGivesItBackToTheNext() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter cancelling = rig.ask();
        FakeWaiter next = rig.ask();
        boolean[] stillWaiting = {true};
        cancelling.onGranted = lease -> {
            stillWaiting[0] = rig.pool().cancel(cancelling);
            lease.release();
        };

        holder.lease.release();

        assertThat(stillWaiting[0]).isFalse();
        assertThat(next.lease).isNotNull();
        assertThat(rig.figures().acquired()).isEqualTo(3);
        assertThat(rig.figures().cancelled()).isZero();
        next.lease.release();
        assertThat(rig.figures().inUse()).isZero();
    }
}
