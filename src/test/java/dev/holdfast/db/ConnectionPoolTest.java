package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets which connection, and what happens to it when it comes back. */
class ConnectionPoolTest {

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void theFirstToAskGetsANewConnection() {
        FakeWaiter waiter = rig.ask();
        assertThat(waiter.answered()).isFalse();
        assertThat(rig.figures().opening()).isEqualTo(1);
        assertThat(rig.figures().inUse()).isZero();

        FakeLink link = rig.opener.succeed();

        assertThat(waiter.link()).isSameAs(link);
        PoolFigures figures = rig.figures();
        assertThat(figures.inUse()).isEqualTo(1);
        assertThat(figures.opening()).isZero();
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(rig.clock.armed())
                .as("timers: that of those who wait, for the next")
                .isEqualTo(1);
    }

    @Test
    void aReturnedConnectionIsLentAgainAtOnce() {
        FakeWaiter first = rig.lent();
        first.lease.release();
        assertThat(rig.figures().idle()).isEqualTo(1);

        FakeWaiter second = rig.ask();

        assertThat(second.link()).isSameAs(first.link());
        assertThat(second.link().checks).isZero();
        assertThat(rig.opener.total()).isEqualTo(1);
    }

    @Test
    void whileConnectionsAreIdleNoneIsOpened() {
        FakeWaiter first = rig.lent();
        FakeWaiter second = rig.lent();
        second.lease.release();
        first.lease.release();

        assertThat(List.of(rig.ask().link(), rig.ask().link())).containsExactlyInAnyOrder(first.link(), second.link());
        assertThat(rig.opener.total()).isEqualTo(2);
    }

    @Test
    void aConnectionOnTheCallersEventLoopIsPreferred() {
        Object here = "here";
        FakeWaiter away = rig.ask("p", Duration.ofSeconds(30), "away");
        FakeWaiter near = rig.ask("p", Duration.ofSeconds(30), here);
        rig.opener.succeedAll();
        near.lease.release();
        away.lease.release();

        assertThat(rig.ask("p", Duration.ofSeconds(30), here).link().home()).isEqualTo(here);
        assertThat(rig.ask("p", Duration.ofSeconds(30), here).link().home())
                .as("any other rather than none")
                .isEqualTo("away");
    }

    @Test
    void eachNewConnectionIsOpenedOnTheEventLoopOfTheWaiterItIsFor() {
        rig.ask("p", Duration.ofSeconds(30), "a");
        rig.ask("p", Duration.ofSeconds(30), "b");

        assertThat(rig.opener.homes).containsExactly("a", "b");
    }

    @Test
    void whoAskedFirstIsServedFirst() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        List<FakeWaiter> queue = List.of(rig.ask(), rig.ask(), rig.ask());

        Lease lease = holder.lease;
        for (FakeWaiter next : queue) {
            assertThat(next.answered()).isFalse();
            lease.release();
            assertThat(next.lease).isNotNull();
            lease = next.lease;
        }
    }

    @Test
    void aReturnedConnectionGoesToTheFirstWaiterEvenIfAnotherIsBeingOpened() {
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();
        assertThat(rig.opener.pending()).isEqualTo(1);

        holder.lease.release();
        assertThat(waiter.link()).isSameAs(holder.link());

        rig.opener.succeed();
        assertThat(rig.figures().idle()).as("the new one is there for the next").isEqualTo(1);
    }

    @Test
    void attemptsBeginOneAfterAnotherWithJitter() {
        rig.maxSize(4).burst(4);
        rig.spacing = Duration.ofMillis(10);
        rig.random = 0.9;
        for (int i = 0; i < 4; i++) {
            rig.ask();
        }
        assertThat(rig.opener.pending()).isEqualTo(1);

        rig.advance(Duration.ofMillis(14).minusNanos(1));
        assertThat(rig.opener.pending()).isEqualTo(1);
        rig.advance(Duration.ofNanos(1));
        assertThat(rig.opener.pending()).isEqualTo(2);
        rig.random = 0;
        rig.advance(Duration.ofMillis(14));
        assertThat(rig.opener.pending()).isEqualTo(3);
        rig.advance(Duration.ofMillis(5));
        assertThat(rig.opener.pending()).isEqualTo(4);
    }

    @Test
    void afterARestTheNextAttemptBeginsAtOnce() {
        rig.spacing = Duration.ofMillis(10);
        rig.lent();
        rig.advance(Duration.ofMillis(15));

        rig.ask();

        assertThat(rig.opener.pending()).isEqualTo(1);
    }

    @Test
    void noMoreConnectionsAreOpenedThanWaitersNeedAndTheBurstAllows() {
        rig.maxSize(4).burst(2);
        for (int i = 0; i < 6; i++) {
            rig.ask();
        }
        assertThat(rig.opener.pending()).isEqualTo(2);

        rig.opener.succeed();
        assertThat(rig.opener.pending()).isEqualTo(2);
        rig.opener.succeedAll();

        assertThat(rig.opener.total()).isEqualTo(4);
        assertThat(rig.figures().waiting()).isEqualTo(2);
    }

    @Test
    void releasingTwiceDoesNothingTheSecondTime() {
        FakeWaiter first = rig.lent();
        first.lease.release();
        FakeWaiter second = rig.ask();

        first.lease.release();
        first.lease.jettison("too late");

        assertThat(rig.figures().inUse()).isEqualTo(1);
        assertThat(second.link().open).isTrue();
        assertThat(rig.ask().lease).as("the connection is not lent twice").isNull();
    }

    @Test
    void aJettisonedConnectionIsKilledAndReplacedForWhoeverWaits() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter waiter = rig.ask();

        holder.lease.jettison("in doubt");

        assertThat(holder.link().killed).isTrue();
        assertThat(rig.figures().inUse()).isZero();
        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
        assertThat(rig.figures().dropped()).as("it was our doing").isZero();
    }

    @Test
    void aConnectionLostInFlightCountsAsDropped() {
        FakeWaiter holder = rig.lent();

        holder.lease.lost(PoolRig.refusal("57P01"));

        PoolFigures figures = rig.figures();
        assertThat(figures.dropped()).isEqualTo(1);
        assertThat(figures.closed()).isEqualTo(1);
        assertThat(figures.lastDrop()).isEqualTo(new PoolFigures.Drop(rig.clock.instant(), "SQLSTATE 57P01 in use"));
    }

    @Test
    void aSlotIsNotFreeBeforeItsSocketIsClosed() {
        rig.maxSize(1);
        rig.opener.linksCloseAtOnce = false;
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofSeconds(300));
        holder.lease.release();
        assertThat(holder.link().closeAsked).isTrue();

        FakeWaiter waiter = rig.ask();
        assertThat(rig.opener.pending()).isZero();

        holder.link().end(null);
        assertThat(rig.opener.pending()).isEqualTo(1);
        rig.opener.succeed();
        assertThat(waiter.lease).isNotNull();
        assertThat(rig.figures().dropped()).isZero();
    }

    @Test
    void aConnectionThatDoesNotCloseWhenAskedToIsKilled() {
        rig.opener.linksCloseAtOnce = false;
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofSeconds(300));
        holder.lease.release();

        rig.advance(Duration.ofMillis(1999));
        assertThat(holder.link().killed).isFalse();
        rig.advance(Duration.ofMillis(1));

        assertThat(holder.link().killed).isTrue();
        assertThat(rig.figures().closed()).isEqualTo(1);
        assertThat(rig.figures().dropped()).isZero();
    }

    @Test
    void aConnectionThatClosesWhenAskedToIsNotKilledLater() {
        rig.idle(1);
        rig.advance(Duration.ofSeconds(600));
        rig.pool().sweep();

        assertThat(rig.opener.last().open).isFalse();
        rig.advance(Duration.ofSeconds(10));
        assertThat(rig.opener.last().killed).isFalse();
        assertThat(rig.clock.armed()).isZero();
    }

    @Test
    void figuresTellProjectsApart() {
        rig.maxSize(2);
        FakeWaiter a = rig.ask("a", Duration.ofSeconds(30), null);
        rig.ask("b", Duration.ofSeconds(30), null);
        rig.opener.succeedAll();
        rig.ask("b", Duration.ofSeconds(30), null);

        assertThat(rig.figures().projects())
                .containsExactlyInAnyOrder(new PoolFigures.Project("a", 1, 0), new PoolFigures.Project("b", 1, 1));

        a.lease.release();
        assertThat(rig.figures().projects()).containsExactly(new PoolFigures.Project("b", 2, 0));
    }

    @Test
    void waitsAndUsesAreMeasured() {
        FakeWaiter waiter = rig.ask();
        rig.advance(Duration.ofMillis(40));
        assertThat(rig.figures().oldestWaitMillis()).isEqualTo(40);
        rig.opener.succeed();
        rig.advance(Duration.ofMillis(200));
        waiter.lease.release();

        PoolFigures figures = rig.figures();
        assertThat(figures.oldestWaitMillis()).isZero();
        assertThat(waiter.lease.waitedNanos).isEqualTo(Duration.ofMillis(40).toNanos());
        assertThat(figures.acquire().max()).isBetween(40.0, 40.4);
        assertThat(figures.usage().max()).isBetween(200.0, 202.0);
    }

    @Test
    void statusFollowsUtilization() {
        rig.maxSize(10).burst(10);
        List<String> statuses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rig.lent();
            statuses.add(rig.figures().status());
        }
        assertThat(statuses)
                .containsExactly(
                        "healthy",
                        "healthy",
                        "healthy",
                        "healthy",
                        "healthy",
                        "healthy",
                        "warning",
                        "warning",
                        "warning",
                        "critical");
    }

    @Test
    void shuttingDownClosesIdleConnectionsNowAndLentOnesOnReturn() {
        FakeWaiter busy = rig.lent();
        FakeWaiter idle = rig.lent();
        idle.lease.release();

        rig.pool().shutDown(() -> {});

        assertThat(idle.link().closeAsked).isTrue();
        assertThat(busy.link().open).isTrue();
        assertThat(rig.ask().failure).satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
            assertThat(failure).hasMessage("This replica is shutting down.");
        });
        busy.lease.release();
        assertThat(busy.link().closeAsked).isTrue();
        assertThat(rig.figures().opened() - rig.figures().closed()).isZero();
    }

    @Test
    void shuttingDownRefusesWhoeverWaitsAndClosesWhatIsStillBeingOpened() {
        FakeWaiter waiter = rig.ask();

        rig.pool().shutDown(() -> {});
        assertThat(waiter.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        assertThat(rig.figures().refused()).isEqualTo(1);

        assertThat(rig.opener.succeed().closeAsked).isTrue();
        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.clock.armed()).isZero();
    }

    @Test
    void aConnectionThatComesBackInATransactionIsKilled() {
        FakeWaiter waiter = rig.lent();
        waiter.link().inTransaction = true;

        waiter.lease.release();

        assertThat(waiter.link().killed).isTrue();
        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.figures().dropped()).isZero();
    }

    @Test
    void whatThePoolDoesNotLendIsReplacedByANewOne() {
        rig.idle(2);
        rig.opener.forgetParked();

        FakeWaiter waiter = rig.ask();
        rig.opener.succeed();

        assertThat(waiter.link()).isSameAs(rig.opener.last());
        assertThat(rig.opener.missed).isBetween(1, 4);
    }

    @Test
    void whatWasLentOnAnotherEventLoopIsNotGivenBackToThePool() {
        FakeWaiter waiter = rig.lent();
        waiter.link().atHome = false;

        waiter.lease.release();

        assertThat(waiter.link().closeAsked).isTrue();
        assertThat(rig.figures().idle()).isZero();
        assertThat(rig.figures().dropped()).isZero();
    }

    /** The first is on its way to the one connection that reads of its kind have at a time. */
    @Test
    void idleConnectionsLetNobodyPastTheLimitsWhoCouldNotUseThem() {
        rig.maxSize(4).maxWaiting(1);
        rig.batches = 1;
        rig.idle(4);
        rig.opener.late = new Random(1);

        for (int i = 0; i < 20; i++) {
            rig.askFor("page");
        }

        assertThat(rig.figures().rejected()).isPositive();
        assertThat(rig.figures().waiting()).isLessThanOrEqualTo(rig.maxWaiting + rig.maxSize);
    }
}
