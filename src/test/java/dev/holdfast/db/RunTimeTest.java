package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunTimeTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final RunTime runTime = new RunTime();

    @Test
    void beforeAnythingHasRunNothingIsKnown() {
        assertThat(runTime.typical(0)).isZero();
        assertThat(runTime.typical(-SECOND)).isZero();
    }

    @Test
    void theFirstSampleIsTypicalAndLaterOnesMoveItByAnEighth() {
        runTime.ran(800, 10);
        assertThat(runTime.typical(10)).isEqualTo(800);

        runTime.ran(1600, 10);
        assertThat(runTime.typical(10)).isEqualTo(900);
        runTime.ran(100, 10);
        assertThat(runTime.typical(10)).isEqualTo(800);
    }

    @Test
    void whatIsKnownHalvesWithEverySecondAndIsForgottenInTheEnd() {
        runTime.ran(1000, 5);

        assertThat(runTime.typical(5 + SECOND - 1)).isEqualTo(1000);
        assertThat(runTime.typical(5 + SECOND)).isEqualTo(500);
        assertThat(runTime.typical(5 + 3 * SECOND)).isEqualTo(125);
        assertThat(runTime.typical(5 + 200 * SECOND)).isZero();
    }
}
