package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Long random sequences of everything that can happen to a pool: the figures add up after each step. In every second one
 * Vert.x's pool is late as well, and lends whatever it likes. {@code -Dsimulation.seeds=} says how many.
 */
class PoolSimulationTest {

    private static final int STEPS = 4_000;
    private static final ConnectFailure TOO_MANY = ConnectFailure.of(PoolRig.refusal("53300"));

    private final PoolRig rig = new PoolRig();
    private final List<FakeWaiter> waiting = new ArrayList<>();
    private final List<FakeWaiter> holding = new ArrayList<>();
    private Random random;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("simulation.seeds", 40));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void figuresAddUpAfterEveryStepAndNothingIsLeftAtTheEnd(long seed) {
        random = new Random(seed);
        rig.maxSize(1 + random.nextInt(5)).maxWaiting(random.nextInt(7)).burst(1 + random.nextInt(3));
        rig.shareMaxInUse = 1 + random.nextInt(5);
        rig.shareMaxWaiting = random.nextInt(7);
        rig.lifoAfter = Duration.ofMillis(1 + random.nextInt(2_000));
        rig.batches = 1 + random.nextInt(3);
        rig.spacing = Duration.ofMillis(random.nextInt(3));
        rig.opener.late = seed % 2 == 0 ? random : null;
        for (int step = 0; step < STEPS; step++) {
            rig.random = random.nextDouble();
            step();
            settle();
        }
        bringToRest();

        assertThat(rig.opener.due()).isZero();
        assertThat(rig.opener.taken).as("lent by Vert.x's pool").isGreaterThan(STEPS / 200);
        PoolFigures end = rig.figures();
        assertThat(end.inUse()).isZero();
        assertThat(end.opening()).isZero();
        assertThat(end.waiting()).isZero();
        assertThat(end.opened() - end.closed()).isEqualTo(end.idle()).isEqualTo(rig.opener.size());
        assertThat(waiting).isEmpty();
        assertThat(end.acquired()).isGreaterThan(STEPS / 40);
    }

    private void step() {
        for (int i = random.nextInt(4); i > 0 && rig.opener.step(); i--) {
            settle();
        }
        switch (random.nextInt(22)) {
            case 0, 1, 2, 3, 4 -> ask();
            case 5, 6, 7 -> take(holding).ifPresent(w -> w.lease.release());
            case 8 -> take(holding).ifPresent(w -> w.lease.jettison("in doubt"));
            case 9 -> take(holding).ifPresent(w -> w.lease.lost(null));
            case 10 ->
                take(waiting).ifPresent(w -> assertThat(rig.pool().cancel(w)).isTrue());
            case 11, 12 -> rig.advance(Duration.ofMillis(random.nextInt(400)));
            case 13 -> rig.advance(Duration.ofSeconds(random.nextInt(20) == 0 ? 320 : random.nextInt(12)));
            case 14, 15 -> succeed();
            case 16 -> fail();
            case 17 -> endOne();
            case 18 -> answerChecks();
            case 19 -> rig.pool().unreachable(PoolRig.REFUSED, rig.clock.nanos());
            case 20 -> rig.pool().reachable();
            default -> rig.pool().sweep();
        }
    }

    private void ask() {
        rig.opener.linksCloseAtOnce = random.nextInt(3) > 0;
        rig.opener.encrypted = random.nextBoolean();
        Duration deadline = Duration.ofMillis(random.nextInt(15_000));
        Ticket ticket = new Ticket("p" + random.nextInt(3), new Deadline(rig.clock.nanos() + deadline.toNanos()));
        int read = random.nextInt(4);
        FakeWaiter waiter = new FakeWaiter(ticket, random.nextInt(2), read < 2 ? null : read);
        if (random.nextInt(10) == 0) {
            // One that was cancelled when it was too late: it gives its connection back at once.
            waiter.onGranted = Lease::release;
        }
        waiting.add(waiter);
        rig.pool().acquire(waiter);
    }

    private void succeed() {
        if (rig.opener.pending() > 0) {
            if (random.nextInt(20) == 0) {
                rig.opener.succeedWithADeadOne();
            } else {
                rig.opener.succeed();
            }
        }
    }

    private void fail() {
        if (rig.opener.pending() > 0) {
            int kind = random.nextInt(6);
            rig.opener.fail(kind == 0 ? PoolRig.WRONG_PASSWORD : kind == 1 ? TOO_MANY : PoolRig.REFUSED);
        }
    }

    /** Drops a connection in whatever state it is, or lets one close that has been asked to. */
    private void endOne() {
        List<FakeLink> open = rig.opener.links.stream().filter(l -> l.open).toList();
        if (!open.isEmpty()) {
            open.get(random.nextInt(open.size())).end(random.nextBoolean() ? null : PoolRig.refusal("57P01"));
        }
    }

    private void answerChecks() {
        for (FakeLink link : List.copyOf(rig.opener.links)) {
            if (link.checking()) {
                link.answerCheck(random.nextInt(4) == 0 ? PoolRig.REFUSED : null);
            }
        }
    }

    private void settle() {
        for (FakeWaiter waiter : List.copyOf(waiting)) {
            if (waiter.answered()) {
                waiting.remove(waiter);
                if (waiter.lease != null && !waiter.lease.over && waiter.with == null) {
                    holding.add(waiter);
                }
            }
        }
        rig.verify();
        PoolFigures now = rig.figures();
        assertThat(now.waiting()).isEqualTo(waiting.size());
        assertThat(now.inUse()).isEqualTo(holding.size());
        assertThat(holding.stream().map(FakeWaiter::link).distinct()).hasSameSizeAs(holding);
        assertThat(now.waiting() == 0
                        || now.inUse() + now.opening() > 0
                        || now.opened() - now.closed() > now.idle()
                        || rig.opener.due() > 0
                        || rig.clock.armed() > 1)
                .as("somebody waits and nothing is under way that could end the wait but the timer of all who do")
                .isTrue();
        rig.opener.links.removeIf(link -> !link.open && !link.checking());
    }

    private void bringToRest() {
        for (int i = 0; i < 60; i++) {
            while (rig.opener.step()) {
                settle();
            }
            List.copyOf(holding).forEach(w -> w.lease.release());
            holding.clear();
            rig.opener.succeedAll();
            List.copyOf(rig.opener.links).stream().filter(FakeLink::checking).forEach(l -> l.answerCheck(null));
            rig.advance(Duration.ofMillis(50));
            settle();
        }
    }

    private Optional<FakeWaiter> take(List<FakeWaiter> from) {
        return from.isEmpty() ? Optional.empty() : Optional.of(from.remove(random.nextInt(from.size())));
    }
}
