package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool measures beside its counters. */
class PoolMeasuresTest {

    private final PoolRig rig = new PoolRig();

    @AfterEach
    void figuresAddUp() {
        rig.verify();
    }

    @Test
    void saturationIsTimedFromTheLastFreeConnectionOnUntilOneIsFreeAgain() {
        rig.maxSize(2);
        rig.lent();
        rig.advance(Duration.ofMillis(300));
        assertThat(rig.figures().saturatedMillis()).isZero();

        FakeWaiter last = rig.lent();
        assertThat(rig.figures().saturatedMillis())
                .as("saturated, though not for long")
                .isEqualTo(1);
        rig.advance(Duration.ofMillis(700));
        assertThat(rig.figures().saturatedMillis()).isEqualTo(700);

        last.lease.release();
        assertThat(rig.figures().saturatedMillis()).isZero();
    }

    @Test
    void waitsAndUsesGoIntoTheCumulativeBuckets() {
        FakeWaiter waiter = rig.ask();
        rig.advance(Duration.ofMillis(200));
        rig.opener.succeed();
        rig.advance(Duration.ofMillis(300));
        assertThat(rig.pool().ledger.usageBuckets.view().count()).isZero();
        waiter.lease.release();

        assertThat(rig.pool().ledger.acquireBuckets.view().count()).isEqualTo(1);
        assertThat(rig.pool().ledger.acquireBuckets.view().sumSeconds()).isEqualTo(0.2);
        assertThat(rig.pool().ledger.usageBuckets.view().count()).isEqualTo(1);
        assertThat(rig.pool().ledger.usageBuckets.view().sumSeconds()).isEqualTo(0.3);
    }
}
