package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool makes of the monitor's word that PostgreSQL does not answer. */
class PoolSilenceTest {

    private static final ConnectFailure SILENCE = ConnectFailure.timeout(1000);

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void idleConnectionsAreCheckedWhenTheMonitorLosesPostgres() {
        rig.idle(2);

        unreachable(SILENCE);

        assertThat(rig.opener.links).allMatch(FakeLink::checking);
        rig.opener.links.forEach(link -> link.answerCheck(null));
        assertThat(rig.figures().idle()).isEqualTo(2);
        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void aConnectionThatStillAnswersKeepsThePoolUp() {
        rig.idle(1);
        for (int i = 0; i < 3; i++) {
            unreachable(SILENCE);
            rig.opener.last().answerCheck(null);
            rig.advance(Duration.ofSeconds(1));
        }

        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void withEveryConnectionSilentRequestsAreRefusedAtOnce() {
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofMillis(1));
        unreachable(SILENCE);
        FakeWaiter waiting = rig.ask();
        rig.advance(Duration.ofSeconds(1));

        unreachable(SILENCE);

        assertThat(waiting.failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        assertThat(rig.ask().failure)
                .hasMessage("PostgreSQL can't be reached (no answer within 1000 ms).")
                .extracting(f -> ((DbException) f).retryAfter())
                .isNotNull();
        holder.lease.jettison("the request's deadline passed");
    }

    @Test
    void aServerThatIsFullSaysNothingOfTheConnectionsThatThereAre() {
        rig.idle(1);

        unreachable(ConnectFailure.of(PoolRig.refusal("53300")));
        rig.advance(Duration.ofSeconds(2));
        unreachable(ConnectFailure.of(PoolRig.refusal("53300")));

        assertThat(rig.opener.last().checks).isZero();
        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void whenPostgresAnswersAgainWhatWasAskedBeforeAndIsStillSilentIsEnded() {
        FakeWaiter silent = silentFor(Duration.ofSeconds(60));

        rig.pool().reachable();
        FakeWaiter next = rig.ask();
        rig.opener.succeed();
        assertThat(next.lease).isNotNull();
        assertThat(silent.link().killed).as("it may just be late").isFalse();
        rig.advance(Duration.ofSeconds(1));

        assertThat(silent.link().killed).isTrue();
        assertThat(next.link().killed).isFalse();
        silent.lease.lost(new java.io.IOException("reset"));
        assertThat(rig.figures().inUse()).isEqualTo(1);
    }

    @Test
    void whatCatchesUpInTimeIsLeftAlone() {
        FakeWaiter late = silentFor(Duration.ofSeconds(10));
        FakeLink link = late.link();

        rig.pool().reachable();
        late.lease.release();
        FakeWaiter next = rig.ask();
        assertThat(next.link()).isSameAs(link);
        rig.advance(Duration.ofSeconds(1));

        assertThat(link.killed).isFalse();
    }

    @Test
    void aConnectionThatThePoolOpensItselfEndsTheOutageToo() {
        FakeWaiter silent = silentFor(Duration.ofSeconds(10));

        rig.opener.succeedLast();
        rig.advance(Duration.ofSeconds(1));

        assertThat(silent.link().killed).isTrue();
        assertThat(rig.ask().lease).isNotNull();
    }

    @Test
    void aLongStatementSurvivesThatOthersAreTurnedAway() {
        FakeWaiter holder = rig.lent();
        rig.advance(Duration.ofMillis(1));
        unreachable(PoolRig.WRONG_PASSWORD);
        rig.advance(Duration.ofSeconds(2));
        unreachable(PoolRig.WRONG_PASSWORD);
        assertThat(rig.ask().failure.kind()).isEqualTo(DbException.Kind.CREDENTIALS_REJECTED);

        rig.pool().reachable();
        rig.advance(Duration.ofSeconds(2));

        assertThat(holder.link().killed).isFalse();
    }

    /** A lent connection that has been silent for so long that requests are refused. */
    private FakeWaiter silentFor(Duration duration) {
        FakeWaiter silent = rig.lent();
        rig.advance(Duration.ofMillis(1));
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plusSeconds(1)) {
            unreachable(SILENCE);
            rig.advance(Duration.ofSeconds(1));
        }
        assertThat(rig.ask().failure.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
        return silent;
    }

    private void unreachable(ConnectFailure failure) {
        rig.pool().unreachable(failure, rig.clock.nanos());
    }
}
