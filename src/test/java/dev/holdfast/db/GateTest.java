package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {

    private static final long LIFO_AFTER = 100;

    private final PoolRig rig = new PoolRig();
    private final Map<String, Integer> inUse = new HashMap<>();
    private final List<Waiter> late = new ArrayList<>();
    private Batches batches;
    private Gate gate;

    @Test
    void servesAShareInTheOrderOfComing() {
        FakeWaiter a = add("p", 0);
        FakeWaiter b = add("p", 1);

        assertThat(gate.oldest()).isSameAs(a);
        assertThat(poll(2)).containsExactly(a, b);
        assertThat(late).isEmpty();
    }

    @Test
    void sharesTakeTurnsHoweverManyOfOneWait() {
        FakeWaiter[] flood = {add("p", 0), add("p", 1), add("p", 2)};
        FakeWaiter q = add("q", 3);
        FakeWaiter r = add("r", 4);

        assertThat(poll(5)).containsExactly(flood[0], q, r, flood[1], flood[2]);
    }

    @Test
    void whoHasHadATurnAndComesAgainComesAfterTheOthers() {
        FakeWaiter first = add("p", 0);
        add("p", 0);
        FakeWaiter q = add("q", 0);
        assertThat(gate.poll(1, late::add)).isSameAs(first);

        add("p", 1);

        assertThat(gate.poll(1, late::add)).isSameAs(q);
    }

    @Test
    void onceTheFirstHasWaitedForTooLongTheNewestOfItsShareComesFirst() {
        FakeWaiter old = add("p", 0);
        FakeWaiter between = add("p", 50);
        FakeWaiter newest = add("p", 90);

        assertThat(gate.poll(LIFO_AFTER + 1, late::add)).isSameAs(newest);
        assertThat(gate.poll(LIFO_AFTER + 1, late::add)).isSameAs(between);
        assertThat(gate.poll(LIFO_AFTER + 1, late::add)).isSameAs(old);
    }

    @Test
    void untilThenItIsTheFirst() {
        FakeWaiter old = add("p", 0);
        add("p", 90);

        assertThat(gate.poll(LIFO_AFTER, late::add)).isSameAs(old);
    }

    @Test
    void theNewestIsThatOfAllKinds() {
        FakeWaiter oldest = add("p", 0, "page");
        FakeWaiter other = add("p", 50, "conversation");
        FakeWaiter newest = add("p", 90, "page");

        assertThat(poll(LIFO_AFTER + 1)).containsExactly(newest, other, oldest);
    }

    @Test
    void theFirstIsThatOfAllKinds() {
        FakeWaiter page = add("p", 0, "page");
        FakeWaiter conversation = add("p", 1, "conversation");
        FakeWaiter other = add("p", 2);
        FakeWaiter last = add("p", 3, "page");

        assertThat(poll(4)).containsExactly(page, conversation, other, last);
    }

    @Test
    void oldestIsWhoHasWaitedLongestInWhateverShare() {
        FakeWaiter p = add("p", 5);
        FakeWaiter q = add("q", 3);
        add("r", 4);

        assertThat(gate.oldest()).isSameAs(q);
        gate.remove(q);
        add("s", 6);
        assertThat(gate.oldest().ticket().share()).isEqualTo("r");
        gate.remove(gate.oldest());
        assertThat(gate.oldest()).isSameAs(p);
    }

    @Test
    void noCompanyIsWhoeverRanOutOfTimeOrAsksForSomethingElse() {
        FakeWaiter first = add("p", 0, "page");
        FakeWaiter tooLate = add("p", 1, "page");
        tooLate.givesUpAt = 5;
        FakeWaiter company = add("p", 2, "page");
        company.givesUpAt = 6;
        add("p", 2, "conversation");
        add("p", 2);
        gate.remove(first);

        assertThat(gate.company(first, 5, late::add)).containsExactly(company);
        assertThat(late).containsExactly(tooLate);
        assertThat(gate.size()).isEqualTo(2);
    }

    @Test
    void oneIsToBeLookedAtWhenItGivesUpOrMayBeHeldBackNoMore() {
        FakeWaiter alone = add("p", 0, 30);
        FakeWaiter page = add("p", 0, "page");
        assertThat(gate.untilLook(alone, 10)).isEqualTo(20);
        assertThat(gate.untilLook(page, 10)).isEqualTo(990);
        for (int i = 0; i < rig.batches; i++) {
            batches.lent(new Lease(null, null, page, 8));
        }
        page.givesUpAt = Batches.PATIENCE + 100;

        assertThat(gate.untilLook(page, 10)).isEqualTo(Batches.PATIENCE - 2);
        assertThat(gate.wouldHelp(page, 10)).isFalse();
        assertThat(gate.wouldHelp(page, 8 + Batches.PATIENCE)).isTrue();
    }

    @Test
    void passesOverWhoeverRanOutOfTime() {
        FakeWaiter a = add("p", 0, 5);
        FakeWaiter b = add("p", 0, 6);

        assertThat(gate.poll(5, late::add)).isSameAs(b);
        assertThat(late).containsExactly(a);
        assertThat(gate.size()).isZero();
    }

    @Test
    void thoseWhoseTimeRanOutLeaveWhoeverCameFirst() {
        FakeWaiter patient = add("p", 0, 30);
        FakeWaiter hasty = add("q", 1, 10);
        FakeWaiter between = add("p", 2, 20);
        assertThat(gate.untilLook(5)).isEqualTo(5);

        gate.expire(20, late::add);

        assertThat(late).containsExactlyInAnyOrder(hasty, between);
        assertThat(gate.untilLook(20)).isEqualTo(10);
        gate.remove(patient);
        assertThat(gate.untilLook(20)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aWaiterCanLeaveFromTheMiddleOnce() {
        FakeWaiter a = add("p", 0);
        FakeWaiter b = add("p", 0);
        FakeWaiter c = add("p", 0);

        assertThat(gate.remove(b)).isTrue();
        assertThat(gate.remove(b)).isFalse();
        assertThat(gate.size()).isEqualTo(2);
        assertThat(gate.byShare()).containsExactly(Map.entry("p", 2));
        assertThat(poll(1)).containsExactly(a, c);
    }

    @Test
    void theFirstAndTheLastCanLeaveToo() {
        FakeWaiter a = add("p", 0);
        FakeWaiter b = add("p", 0);
        FakeWaiter c = add("p", 0);

        gate.remove(c);
        gate.remove(a);

        assertThat(gate.oldest()).isSameAs(b);
        assertThat(poll(LIFO_AFTER + 1)).containsExactly(b);
    }

    @Test
    void forgetsSharesWithNobodyLeft() {
        FakeWaiter q = add("q", 0);
        add("p", 0);

        gate.remove(q);
        poll(1);

        assertThat(gate.byShare()).isEmpty();
        assertThat(gate.oldest()).isNull();
        assertThat(gate.waiting("p")).isZero();
    }

    @Test
    void aShareThatHasItsMostConnectionsLosesItsTurnButNotItsPlace() {
        rig.shareMaxInUse = 2;
        inUse.put("p", 2);
        FakeWaiter p = add("p", 0);
        FakeWaiter q = add("q", 0);
        add("q", 0);

        assertThat(gate.wouldHelp(p, 1)).isFalse();
        assertThat(gate.poll(1, late::add)).isSameAs(q);
        inUse.put("p", 1);

        assertThat(gate.poll(1, late::add)).isSameAs(p);
        assertThat(gate.wouldHelp(p, 1)).isTrue();
    }

    @Test
    void readyAreThoseWhomAConnectionWouldHelp() {
        rig.shareMaxInUse = 3;
        inUse.put("p", 2);
        inUse.put("r", 5);
        for (String share : List.of("p", "p", "q", "r")) {
            add(share, 0);
        }

        assertThat(gate.ready(10)).isEqualTo(2);
        assertThat(gate.size()).isEqualTo(4);
    }

    @Test
    void theNewestOfTheLongestShareGivesWayToOneWithLess() {
        add("p", 0);
        add("p", 1);
        FakeWaiter newest = add("p", 2);
        add("q", 0);

        assertThat(gate.givesWayTo("r", 3)).isSameAs(newest);
        assertThat(gate.givesWayTo("q", 3)).isSameAs(newest);
        assertThat(gate.givesWayTo("p", 3)).isNull();
    }

    @Test
    void nobodyGivesWayToAShareThatWouldThenBeTheLongest() {
        add("p", 0);
        add("p", 0);
        add("q", 0);

        assertThat(gate.givesWayTo("q", 3)).isNull();
    }

    @Test
    void staleIsTheFirstOfAShareOnceItHasWaitedForTooLong() {
        FakeWaiter first = add("p", 0);
        add("p", 50);

        assertThat(gate.stale("p", LIFO_AFTER)).isNull();
        assertThat(gate.stale("p", LIFO_AFTER + 1)).isSameAs(first);
        assertThat(gate.stale("q", LIFO_AFTER + 1)).isNull();
        assertThat(gate.givesWayTo("p", LIFO_AFTER + 1))
                .as("where nobody else should")
                .isSameAs(first);
    }

    @Test
    void homesAreThoseOfTheWaitersInTheirOrder() {
        add("p", 0, 1_000, "a");
        add("p", 0, 1_000, "b");
        add("q", 0, 1_000, "c");

        assertThat(List.of(gate.home(0), gate.home(1), gate.home(2))).containsExactly("a", "b", "c");
        assertThat(gate.home(3)).isNull();
    }

    @Test
    void whatYieldsHasAtMostAQuarterOfTheConnections() {
        rig.maxSize = 8;
        for (int i = 0; i < 4; i++) {
            add("a (inbox)", i);
        }
        add("a", 9);
        inUse.put("a (inbox)", 1);

        assertThat(gate.ready(10)).isEqualTo(2);
        assertThat(gate.poll(10, late::add).ticket().share()).isEqualTo("a (inbox)");
        inUse.put("a (inbox)", 2);
        assertThat(gate.poll(10, late::add).ticket().share()).isEqualTo("a");
        assertThat(gate.poll(10, late::add)).isNull();
        assertThat(gate.ready(10)).isZero();
        assertThat(rig.limits().most("a (inbox)")).isEqualTo(2);
        assertThat(rig.limits().most("(admin)")).isEqualTo(rig.limits().shareMaxInUse());
    }

    private List<Waiter> poll(long now) {
        List<Waiter> all = new ArrayList<>();
        Waiter next;
        while ((next = gate.poll(now, late::add)) != null) {
            all.add(next);
        }
        return all;
    }

    private FakeWaiter add(String share, long askedAt) {
        return add(share, askedAt, 1_000);
    }

    private FakeWaiter add(String share, long askedAt, long givesUpAt) {
        return add(share, askedAt, givesUpAt, null);
    }

    private FakeWaiter add(String share, long askedAt, String read) {
        return add(new FakeWaiter(ticket(share), null, read), askedAt, 1_000);
    }

    private FakeWaiter add(String share, long askedAt, long givesUpAt, Object home) {
        return add(new FakeWaiter(ticket(share), home), askedAt, givesUpAt);
    }

    private static Ticket ticket(String share) {
        return new Ticket("default", share, new Deadline(0));
    }

    private FakeWaiter add(FakeWaiter waiter, long askedAt, long givesUpAt) {
        if (gate == null) {
            rig.lifoAfter = Duration.ofNanos(LIFO_AFTER);
            batches = new Batches(rig.limits());
            gate = new Gate(rig.limits(), name -> inUse.getOrDefault(name, 0), batches);
        }
        waiter.askedAt = askedAt;
        waiter.givesUpAt = givesUpAt;
        gate.add(waiter);
        return waiter;
    }
}
