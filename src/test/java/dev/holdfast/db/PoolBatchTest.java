package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads of one kind that wait at the same time, and go along with one of them. */
class PoolBatchTest {

    private static final String PAGE = "page";
    private static final Duration PATIENCE = Duration.ofNanos(Batches.PATIENCE);

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    private FakeWaiter page() {
        return rig.askFor(PAGE);
    }

    /** This many are under way, each on its own connection. */
    private List<FakeWaiter> underWay(int pages) {
        rig.idle(4);
        List<FakeWaiter> all = Stream.generate(this::page).limit(pages).toList();
        assertThat(all).allSatisfy(page -> assertThat(page.lease).isNotNull());
        return all;
    }

    @Test
    void thoseOfAKindGoAlongWithTheFirstOfThem() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter first = page();
        FakeWaiter other = rig.ask();
        FakeWaiter second = page();
        FakeWaiter third = page();
        rig.advance(Duration.ofMillis(3));

        holder.lease.release();

        assertThat(first.with).isNull();
        assertThat(List.of(second, third)).allSatisfy(page -> {
            assertThat(page.with).isSameAs(first);
            assertThat(page.lease).isSameAs(first.lease);
        });
        assertThat(other.answered()).isFalse();
        PoolFigures figures = rig.figures();
        assertThat(figures.inUse()).isEqualTo(1);
        assertThat(figures.waiting()).isEqualTo(1);
        assertThat(figures.acquired()).isEqualTo(4);
        assertThat(figures.batched()).isEqualTo(2);
        assertThat(figures.acquire().count()).isEqualTo(4);
        assertThat(rig.pool().ledger.acquireBuckets.view().count()).isEqualTo(4);
        assertThat(figures.acquire().max()).isEqualTo(3.0, org.assertj.core.data.Offset.offset(0.1));
    }

    @Test
    void noMoreGoTogetherThanTheirMost() {
        rig.maxSize(1).maxWaiting(100);
        FakeWaiter holder = rig.lent();
        List<FakeWaiter> pages =
                Stream.generate(this::page).limit(BatchRead.MOST + 1).toList();

        holder.lease.release();

        assertThat(rig.figures().batched()).isEqualTo(BatchRead.MOST - 1);
        FakeWaiter last = pages.get(BatchRead.MOST);
        assertThat(last.answered()).isFalse();
        pages.get(0).lease.release();
        assertThat(last.lease).isNotNull();
        assertThat(last.with).isNull();
    }

    @Test
    void beyondAFewAtATimeAKindWaitsThoughConnectionsAreIdle() {
        List<FakeWaiter> two = underWay(2);

        FakeWaiter third = page();
        FakeWaiter fourth = page();
        assertThat(third.answered()).isFalse();
        assertThat(rig.figures().waiting()).isEqualTo(2);
        assertThat(rig.figures().idle()).isEqualTo(2);

        two.get(1).lease.release();
        assertThat(third.lease).isNotNull();
        assertThat(fourth.with).isSameAs(third);
        assertThat(rig.figures().idle()).isEqualTo(2);
    }

    @Test
    void whatIsOfAnotherKindIsNotHeldBack() {
        underWay(2);
        page();

        assertThat(rig.ask().lease).isNotNull();
        assertThat(rig.askFor("conversation").lease).isNotNull();
    }

    @Test
    void onesThatTakeLongHoldNobodyBack() {
        underWay(2);
        FakeWaiter third = page();
        FakeWaiter fourth = page();

        rig.advance(PATIENCE.minusNanos(1));
        assertThat(third.answered()).isFalse();
        rig.advance(Duration.ofNanos(1));

        assertThat(third.lease).isNotNull();
        assertThat(fourth.with).isSameAs(third);
        assertThat(page().lease).as("now one is young").isNotNull();
    }

    @Test
    void theWaitEndsWhenTheFirstOfThemHasTakenLong() {
        rig.idle(4);
        page();
        rig.advance(PATIENCE.dividedBy(2));
        page();
        FakeWaiter held = page();

        rig.advance(PATIENCE.dividedBy(2).minusNanos(1));
        assertThat(held.answered()).isFalse();
        rig.advance(Duration.ofNanos(1));

        assertThat(held.lease).isNotNull();
    }

    @Test
    void projectsOfOneShareAreNotMixed() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter ours = rig.askFor(PAGE, "a", "(admin)");
        FakeWaiter theirs = rig.askFor(PAGE, "b", "(admin)");

        holder.lease.release();

        assertThat(ours.lease).isNotNull();
        assertThat(theirs.answered()).isFalse();
    }

    @Test
    void aBatchIsOneTurnOfItsShare() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter a = rig.askFor(PAGE, "a", "a");
        FakeWaiter b = rig.askFor(PAGE, "b", "b");
        FakeWaiter more = rig.askFor(PAGE, "a", "a");
        FakeWaiter write = rig.ask("a");

        holder.lease.release();
        assertThat(more.with).isSameAs(a);
        a.lease.release();
        assertThat(b.lease).isNotNull();
        b.lease.release();
        assertThat(write.lease).isNotNull();
    }

    @Test
    void aKindThatMustWaitDoesNotTakeTheTurnOfWhatElseItsShareAsks() {
        rig.maxSize(3);
        rig.idle(3);
        page();
        page();
        FakeWaiter holder = rig.ask();
        FakeWaiter held = page();
        FakeWaiter write = rig.ask();

        holder.lease.release();

        assertThat(held.answered()).isFalse();
        assertThat(write.lease).isNotNull();
    }

    @Test
    void whoseTimeRanOutDoesNotGoAlong() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        FakeWaiter first = page();
        FakeWaiter hasty =
                new FakeWaiter(rig.waiter("p", Duration.ofMillis(5), null).ticket(), null, PAGE);
        // The holder's timer is set first, for the moment at which the hasty one gives up.
        rig.clock.after(Duration.ofMillis(5).toNanos(), holder.lease::release);
        rig.pool().acquire(hasty);

        rig.advance(Duration.ofMillis(5));

        assertThat(first.lease).isNotNull();
        assertThat(hasty.failure.kind()).isEqualTo(DbException.Kind.DEADLINE_EXCEEDED);
        assertThat(rig.figures().batched()).isZero();
        assertThat(rig.figures().timedOut()).isEqualTo(1);
    }

    @Test
    void whoHasLeftDoesNotGoAlong() {
        rig.maxSize(1);
        FakeWaiter holder = rig.lent();
        page();
        FakeWaiter gone = page();
        assertThat(rig.pool().cancel(gone)).isTrue();

        holder.lease.release();

        assertThat(gone.answered()).isFalse();
        assertThat(rig.figures().batched()).isZero();
    }

    @Test
    void onceTheFirstHasWaitedForTooLongTheNewestGo() {
        rig.maxSize(1).maxWaiting(100);
        rig.lifoAfter = Duration.ofMillis(250);
        FakeWaiter holder = rig.lent();
        List<FakeWaiter> pages =
                Stream.generate(this::page).limit(BatchRead.MOST + 1).toList();
        rig.advance(Duration.ofMillis(251));

        holder.lease.release();

        assertThat(pages.get(BatchRead.MOST).with).isNull();
        assertThat(pages.get(0).answered()).isFalse();
    }

    @Test
    void aConnectionThatIsLostWithABatchMakesRoomForTheNext() {
        List<FakeWaiter> two = underWay(2);
        FakeWaiter third = page();

        two.get(0).lease.lost(null);

        assertThat(third.lease).isNotNull();
    }

    @Test
    void aConnectAttemptThatSomebodyElseWantedDoesNotHoldBackFromWhatIsIdle() {
        rig.maxSize(4).burst(1);
        rig.idle(2);
        page();
        page();
        FakeWaiter write = rig.ask();
        FakeWaiter held = page();
        rig.opener.succeed();
        FakeWaiter hanging = rig.ask();
        assertThat(rig.opener.pending()).isEqualTo(1);
        write.lease.release();
        assertThat(hanging.lease).isNotNull();
        hanging.lease.release();
        assertThat(rig.figures().idle()).isEqualTo(1);
        assertThat(held.answered()).isFalse();

        rig.advance(PATIENCE);

        assertThat(held.lease).isNotNull();
    }

    @Test
    void aColdPoolOpensForAKindWhatItMayUse() {
        rig.maxSize(8).burst(8);
        List<FakeWaiter> pages = Stream.generate(this::page).limit(6).toList();
        assertThat(rig.opener.pending()).isEqualTo(2);

        rig.opener.succeed();

        assertThat(pages).allSatisfy(page -> assertThat(page.lease).isNotNull());
        rig.opener.succeed();
        assertThat(rig.figures().idle()).isEqualTo(1);
    }

    @Test
    void heldBackOrNotAShareHasAtMostItsPart() {
        rig.shareMaxInUse = 1;
        page();
        rig.opener.succeed();
        FakeWaiter second = page();
        rig.advance(Duration.ofMillis(50));
        assertThat(second.answered()).isFalse();

        FakeWaiter theirs = rig.askFor(PAGE, "q", "q");
        rig.opener.succeed();

        assertThat(theirs.lease).isNotNull();
        assertThat(second.answered()).isFalse();
    }

    @Test
    void whoIsHeldBackCountsAsWaiting() {
        rig.maxSize(4).maxWaiting(3);
        rig.shareMaxWaiting = 1;
        underWay(2);
        page();
        page();
        page();

        assertThat(page().failure.kind())
                .as("one may wait, and two for the connections that are free")
                .isEqualTo(DbException.Kind.SHARE_EXCEEDED);
    }

    @Test
    void whoIsHeldBackIsRefusedOnShutdown() {
        underWay(2);
        FakeWaiter held = page();

        rig.pool().shutDown(() -> {});

        assertThat(held.failure).isNotNull();
    }

    @Test
    void whoIsHeldBackIsRefusedWhilePostgresqlIsAway() {
        rig.batches = 1;
        rig.idle(2);
        FakeWaiter silent = page();
        FakeWaiter held = page();
        rig.advance(Duration.ofMillis(1));
        rig.pool().unreachable(PoolRig.REFUSED, rig.clock.nanos());
        rig.opener.links.stream()
                .filter(FakeLink::checking)
                .toList()
                .forEach(link -> link.answerCheck(PoolRig.REFUSED));
        assertThat(held.answered()).isFalse();

        rig.advance(Duration.ofSeconds(1));
        rig.pool().unreachable(PoolRig.REFUSED, rig.clock.nanos());

        assertThat(held.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        assertThat(page().failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        silent.lease.release();
    }
}
