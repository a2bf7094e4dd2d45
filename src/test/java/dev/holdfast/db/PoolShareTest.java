package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one project's requests leave to the others'. */
class PoolShareTest {

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void oneProjectAloneMayUseTheWholePool() {
        rig.maxSize(3).burst(3);

        List<FakeWaiter> all = List.of(rig.ask("p"), rig.ask("p"), rig.ask("p"));
        rig.opener.succeedAll();

        assertThat(all).allSatisfy(waiter -> assertThat(waiter.lease).isNotNull());
    }

    @Test
    void aReturnedConnectionGoesToTheProjectWhoseTurnItIs() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter first = rig.ask("flood");
        rig.ask("flood");
        FakeWaiter quiet = rig.ask("quiet");

        holder.lease.release();
        assertThat(first.lease).isNotNull();
        first.lease.release();

        assertThat(quiet.lease).isNotNull();
    }

    @Test
    void aProjectThatFillsItsPartOfTheQueueIsRefusedAndOthersAreNot() {
        rig.maxSize(1).maxWaiting(4);
        rig.shareMaxWaiting = 2;
        rig.lent();
        rig.ask("flood");
        rig.ask("flood");

        FakeWaiter refused = rig.ask("flood");
        FakeWaiter quiet = rig.ask("quiet");

        assertThat(refused.failure.kind()).isEqualTo(DbException.Kind.SHARE_EXCEEDED);
        assertThat(refused.failure)
                .hasMessage(
                        "The project's part of the queue for connections is full: 0 in use and 2 waiting are its own;"
                                + " of all projects 1 in use, 0 idle, 0 opening, 2 waiting, at most 1.");
        assertThat(refused.failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(quiet.failure).isNull();
        assertThat(rig.figures().rejected()).isEqualTo(1);
    }

    @Test
    void whoWaitsForAFreeSlotToBeFilledDoesNotCount() {
        rig.maxSize(2).burst(2);
        rig.shareMaxWaiting = 0;
        FakeWaiter[] taken = {rig.ask("p"), rig.ask("p")};

        assertThat(rig.ask("p").failure.kind()).isEqualTo(DbException.Kind.SHARE_EXCEEDED);

        rig.opener.succeedAll();
        assertThat(taken).allSatisfy(waiter -> assertThat(waiter.lease).isNotNull());
    }

    @Test
    void inAFullQueueTheNewestOfTheLongestGivesWayToANewcomer() {
        rig.maxSize(1).maxWaiting(4);
        rig.lent();
        FakeWaiter first = rig.ask("flood");
        rig.ask("flood");
        FakeWaiter newest = rig.ask("flood");
        rig.ask("other");

        FakeWaiter quiet = rig.ask("quiet");

        assertThat(newest.failure.kind()).isEqualTo(DbException.Kind.SHARE_EXCEEDED);
        assertThat(quiet.answered()).isFalse();
        assertThat(first.answered()).isFalse();
        assertThat(rig.figures().waiting()).isEqualTo(4);
        assertThat(rig.figures().rejected()).isEqualTo(1);
        assertThat(rig.clock.armed()).as("the timer of all who wait").isEqualTo(1);
    }

    @Test
    void whereAllAreEqualAFullQueueRefusesTheNewcomer() {
        rig.maxSize(1).maxWaiting(2);
        rig.lent();
        rig.ask("a");
        rig.ask("b");

        assertThat(rig.ask("c").failure.kind()).isEqualTo(DbException.Kind.QUEUE_FULL);
    }

    @Test
    void aProjectWithItsMostConnectionsWaitsBesideIdleOnes() {
        rig.maxSize(3);
        rig.shareMaxInUse = 1;
        rig.idle(1);
        FakeWaiter holder = rig.ask("p");
        assertThat(holder.lease).isNotNull();
        FakeWaiter second = rig.ask("p");
        assertThat(second.answered()).isFalse();
        assertThat(rig.opener.pending())
                .as("nothing is opened for one who may not have it")
                .isZero();

        assertThat(lentTo("q").lease).isNotNull();
        holder.lease.release();

        assertThat(second.lease).isNotNull();
        assertThat(inUse("p")).isEqualTo(1);
    }

    @Test
    void aLostConnectionOfItsOwnMakesRoomForTheProjectsNextOnAnIdleOne() {
        rig.maxSize(3);
        rig.shareMaxInUse = 1;
        FakeWaiter holder = lentTo("p");
        FakeWaiter other = lentTo("q");
        other.lease.release();
        FakeWaiter second = rig.ask("p");
        assertThat(second.answered()).isFalse();
        assertThat(rig.figures().idle()).isEqualTo(1);

        holder.lease.jettison("in doubt");

        assertThat(second.lease).isNotNull();
        assertThat(rig.figures().idle()).isZero();
    }

    @Test
    void aNewConnectionThatTheFirstInTurnMayNotHaveGoesToTheNext() {
        rig.maxSize(3).burst(3);
        rig.shareMaxInUse = 1;
        lentTo("p");
        FakeWaiter p = rig.ask("p");
        FakeWaiter q = rig.ask("q");

        rig.opener.succeedAll();

        assertThat(q.lease).isNotNull();
        assertThat(p.answered()).isFalse();
    }

    @Test
    void anOldQueueIsServedFromItsEnd() {
        rig.maxSize(1);
        rig.lifoAfter = Duration.ofMillis(500);
        FakeWaiter holder = rig.lent();
        List<FakeWaiter> old = new ArrayList<>(List.of(rig.ask(), rig.ask()));
        rig.advance(Duration.ofMillis(501));
        FakeWaiter fresh = rig.ask();

        holder.lease.release();

        assertThat(fresh.lease).isNotNull();
        assertThat(old).noneMatch(FakeWaiter::answered);
    }

    @Test
    void whereTheShareIsFullWhoHasWaitedForTooLongGivesWay() {
        rig.maxSize(1).maxWaiting(4);
        rig.shareMaxWaiting = 2;
        rig.lifoAfter = Duration.ofMillis(250);
        rig.lent();
        FakeWaiter old = rig.ask("p");
        rig.advance(Duration.ofMillis(250));
        FakeWaiter second = rig.ask("p");
        assertThat(rig.ask("p").failure.kind()).isEqualTo(DbException.Kind.SHARE_EXCEEDED);
        rig.advance(Duration.ofMillis(1));

        FakeWaiter newcomer = rig.ask("p");

        assertThat(old.failure.kind()).isEqualTo(DbException.Kind.SHARE_EXCEEDED);
        assertThat(newcomer.answered() || second.answered()).isFalse();
        assertThat(rig.figures().waiting()).isEqualTo(2);
        assertThat(rig.figures().rejected()).isEqualTo(2);
    }

    @Test
    void whereTheQueueIsFullToo() {
        rig.maxSize(1).maxWaiting(1);
        rig.lifoAfter = Duration.ofMillis(250);
        rig.lent();
        FakeWaiter old = rig.ask("p");
        rig.advance(Duration.ofMillis(251));

        FakeWaiter newcomer = rig.ask("p");

        assertThat(old.failure.kind()).isEqualTo(DbException.Kind.QUEUE_FULL);
        assertThat(newcomer.answered()).isFalse();
    }

    private FakeWaiter lentTo(String project) {
        FakeWaiter waiter = rig.ask(project);
        rig.opener.succeedAll();
        assertThat(waiter.lease).isNotNull();
        return waiter;
    }

    private int inUse(String project) {
        return rig.figures().projects().stream()
                .filter(p -> p.project().equals(project))
                .mapToInt(PoolFigures.Project::inUse)
                .sum();
    }
}
