package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that get old, rest for long, or end without our doing. */
class PoolAgeingTest {

    private static final Duration REST = Duration.ofSeconds(30).plusNanos(1);

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void aLifetimeEndsWhenTheConnectionIsReturnedAndNotBefore() {
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofSeconds(500));
        rig.pool().sweep();
        assertThat(holder.link().open).isTrue();

        holder.lease.release();

        assertThat(holder.link().closeAsked).isTrue();
        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.figures().dropped()).isZero();
    }

    @Test
    void lifetimesAreShortenedByUpToATenth() {
        rig.random = 0;
        FakeWaiter whole = rig.lent();
        rig.random = 0.999;
        FakeWaiter shortened = rig.lent();
        rig.advance(Duration.ofSeconds(271));
        whole.lease.release();
        shortened.lease.release();

        assertThat(shortened.link().open).isFalse();
        assertThat(whole.link().open).isTrue();
        rig.advance(Duration.ofSeconds(29));
        rig.pool().sweep();
        assertThat(whole.link().open).isFalse();
    }

    @Test
    void anAgedIdleConnectionIsNotLentAndClosedByTheSweep() {
        rig.random = 0;
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofSeconds(290));
        holder.lease.release();
        rig.advance(Duration.ofSeconds(10));

        FakeWaiter waiter = rig.ask();

        assertThat(waiter.answered()).isFalse();
        assertThat(holder.link().closeAsked).isTrue();
        rig.opener.succeed();
        assertThat(waiter.link()).isNotSameAs(holder.link());
    }

    @Test
    void whatHasBeenIdleForLongIsClosedByTheSweep() {
        rig.maxSize(2);
        DbLimits limits = new DbLimits(2, 8, 2, 8, 2, 0, 1, 1, Long.MAX_VALUE / 2, 600, 30, 1, 1, 2);
        ConnectionPool pool =
                new ConnectionPool(limits, rig.opener, rig.clock, rig.clock::nanos, rig.clock::instant, () -> 0);
        FakeWaiter waiter = rig.waiter("p", Duration.ofSeconds(1), null);
        pool.acquire(waiter);
        rig.opener.succeed();
        waiter.lease.release();

        rig.advance(Duration.ofNanos(599));
        pool.sweep();
        assertThat(rig.opener.last().open).isTrue();
        rig.advance(Duration.ofNanos(1));
        pool.sweep();

        assertThat(rig.opener.last().closeAsked).isTrue();
        assertThat(pool.figures().closed()).isEqualTo(1);
        rig.opener.links.clear();
    }

    @Test
    void aConnectionThatRestedForLongIsCheckedBeforeItIsLent() {
        rig.idle(1);
        rig.advance(REST);

        FakeWaiter waiter = rig.ask();
        assertThat(waiter.answered()).isFalse();
        assertThat(rig.opener.last().checking()).isTrue();
        assertThat(rig.figures().opening()).as("checks count as opening").isEqualTo(1);

        rig.opener.last().answerCheck(null);
        assertThat(waiter.link()).isSameAs(rig.opener.last());
        assertThat(rig.clock.armed()).as("the timer of those who wait alone").isEqualTo(1);
    }

    @Test
    void aConnectionThatRestedForLessIsNotChecked() {
        rig.idle(1);
        rig.advance(REST.minusNanos(1));

        assertThat(rig.ask().link().checks).isZero();
    }

    @Test
    void aFailedCheckClosesTheConnectionAndTheNextIsTried() {
        rig.idle(2);
        rig.advance(REST);
        FakeWaiter waiter = rig.ask();
        FakeLink first = rig.opener.checking();

        first.answerCheck(new SocketException());

        assertThat(first.open).isFalse();
        assertThat(rig.figures().dropped()).isEqualTo(1);
        assertThat(rig.figures().lastDrop().reason()).isEqualTo("a check failed");
        FakeLink next = rig.opener.checking();
        next.answerCheck(null);
        assertThat(waiter.link()).isSameAs(next).isNotSameAs(first);
    }

    @Test
    void aCheckThatIsNotAnsweredEndsTheRestOfThatAgeTooAndANewConnectionIsOpened() {
        rig.maxSize(4);
        rig.idle(3);
        rig.advance(REST);
        FakeWaiter waiter = rig.ask();
        FakeLink silent = rig.opener.checking();

        rig.advance(Duration.ofMillis(1999));
        assertThat(silent.open).isTrue();
        rig.advance(Duration.ofMillis(1));

        assertThat(silent.killed).isTrue();
        assertThat(rig.opener.links).allSatisfy(link -> assertThat(link.open).isFalse());
        assertThat(rig.figures().dropped()).as("the others' end was our doing").isEqualTo(1);
        assertThat(rig.figures().lastDrop().reason()).isEqualTo("no answer to a check");
        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void aCheckThatIsNotAnsweredLeavesConnectionsAloneThatWereUsedSince() {
        rig.maxSize(4);
        FakeWaiter busy = rig.lent();
        rig.idle(1);
        rig.advance(REST);
        FakeWaiter waiter = rig.ask();
        busy.lease.release();
        assertThat(waiter.lease).isNotNull();
        waiter.lease.release();

        rig.advance(Duration.ofSeconds(2));

        assertThat(busy.link().open).isTrue();
        assertThat(rig.figures().idle()).isEqualTo(1);
    }

    @Test
    void aConnectionThatPassesItsCheckDuringShutdownIsClosed() {
        rig.idle(1);
        rig.advance(Duration.ofSeconds(31));
        FakeWaiter waiter = rig.ask();
        rig.pool().shutDown(() -> {});
        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);

        rig.opener.last().answerCheck(null);

        assertThat(rig.opener.last().closeAsked).isTrue();
        assertThat(rig.figures().idle()).isZero();
    }

    @Test
    void anAnswerToACheckThatHasTimedOutIsIgnored() {
        rig.idle(1);
        FakeLink link = rig.opener.last();
        rig.advance(REST);
        FakeWaiter waiter = rig.ask();
        rig.advance(Duration.ofSeconds(2));

        link.answerCheck(null);

        assertThat(waiter.answered()).isFalse();
        assertThat(rig.figures().opening()).isEqualTo(1);
    }

    @Test
    void aConnectionDroppedWhileIdleLeavesThePoolAtOnce() {
        rig.idle(1);

        rig.opener.last().end(PoolRig.refusal("57P01"));

        PoolFigures figures = rig.figures();
        assertThat(figures.idle()).isZero();
        assertThat(figures.dropped()).isEqualTo(1);
        assertThat(figures.lastDrop()).isEqualTo(new PoolFigures.Drop(rig.clock.instant(), "SQLSTATE 57P01 idle"));
    }

    @Test
    void aConnectionDroppedWhileCheckedIsReplaced() {
        rig.idle(1);
        rig.advance(REST);
        FakeWaiter waiter = rig.ask();

        rig.opener.last().end(null);

        assertThat(rig.figures().lastDrop().reason()).isEqualTo("closed by the server idle");
        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
        rig.advance(Duration.ofSeconds(5));
        assertThat(rig.figures().dropped())
                .as("the check's timer does nothing more")
                .isEqualTo(1);
    }

    @Test
    void aConnectionDroppedWhileLentKeepsItsSlotUntilTheLeaseEnds() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();

        holder.link().end(new SocketException("Connection reset"));

        assertThat(rig.figures().lastDrop().reason()).isEqualTo("SocketException in use");
        assertThat(rig.figures().inUse()).isEqualTo(1);
        assertThat(rig.opener.pending()).isZero();
        holder.lease.lost(null);
        assertThat(rig.figures().dropped()).as("counted once").isEqualTo(1);
        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
    }

    @Test
    void aConnectionThatIsReturnedAfterItWasDroppedIsNotLentAgain() {
        FakeWaiter holder = rig.lent();
        holder.link().end(null);

        holder.lease.release();

        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.figures().inUse()).isZero();
    }

    @Test
    void aConnectionThatEndsWhileWeCloseItIsNoDrop() {
        rig.opener.linksCloseAtOnce = false;
        rig.idle(1);
        rig.advance(Duration.ofSeconds(300));
        rig.pool().sweep();

        rig.opener.last().end(new SocketException());

        assertThat(rig.figures().dropped()).isZero();
        assertThat(rig.figures().closed()).isEqualTo(1);
        assertThat(rig.clock.armed()).isZero();
    }

    @Test
    void aConnectionThatIsGoneBeforeItIsHandedOverDoesNotStayInThePool() {
        rig.maxSize(1);
        FakeWaiter waiter = rig.ask();
        rig.opener.succeedWithADeadOne();
        assertThat(rig.figures().closed()).isEqualTo(1);
        assertThat(rig.figures().dropped()).isEqualTo(1);
        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.figures().inUse()).isZero();

        rig.opener.succeed();

        assertThat(waiter.link()).isSameAs(rig.opener.last());
    }

    @Test
    void encryptedConnectionsThatReplaceDroppedOnesAreCounted() {
        rig.idle(2);
        rig.opener.links.forEach(link -> link.end(null));
        rig.idle(1);
        assertThat(rig.figures().sslReconnects()).isEqualTo(1);

        rig.opener.encrypted = false;
        rig.lent();
        rig.lent();
        assertThat(rig.figures().sslReconnects()).isEqualTo(1);
        assertThat(rig.figures().encrypted()).isEqualTo(1);
        assertThat(rig.figures().plaintext()).isEqualTo(1);
    }
}
