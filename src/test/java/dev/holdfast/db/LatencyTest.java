package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyTest {

    private final ManualClock clock = new ManualClock();
    private final Latency latency = new Latency(clock::nanos);

    @Test
    void isAllZeroWhileThereIsNothing() {
        assertThat(latency.figures()).isEqualTo(new LatencyFigures(0, 0, 0, 0, 0));
    }

    @Test
    void percentilesAreExactToOneHundredth() {
        for (int i = 1; i <= 1000; i++) {
            record(Duration.ofMillis(i));
        }
        LatencyFigures figures = latency.figures();
        Percentage onePercent = Percentage.withPercentage(1);
        assertThat(figures.count()).isEqualTo(1000);
        assertThat(figures.p50()).isCloseTo(500, onePercent);
        assertThat(figures.p95()).isCloseTo(950, onePercent);
        assertThat(figures.p99()).isCloseTo(990, onePercent);
        assertThat(figures.max()).isCloseTo(1000, onePercent);
    }

    @Test
    void keepsTheLastMinuteAtLeastAndTwoAtMost() {
        record(Duration.ofMillis(7));
        clock.advance(Duration.ofSeconds(119));
        assertThat(latency.figures().count()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(latency.figures().count()).isZero();
    }

    @Test
    void forgetsAfterTwoMinutesHoweverSeldomItIsAsked() {
        clock.advance(Duration.ofSeconds(50));
        record(Duration.ofMillis(7));
        clock.advance(Duration.ofSeconds(60));
        record(Duration.ofMillis(8));
        assertThat(latency.figures().count()).isEqualTo(2);
        clock.advance(Duration.ofSeconds(60));
        assertThat(latency.figures().count()).isEqualTo(1);
        clock.advance(Duration.ofMinutes(5));
        assertThat(latency.figures().count()).isZero();
    }

    @Test
    void takesWhatIsOutOfRangeForTheRangesEnd() {
        record(Duration.ofNanos(-1));
        record(Duration.ofHours(5));
        assertThat(latency.figures().count()).isEqualTo(2);
        assertThat(latency.figures().max()).isCloseTo(600_000, Percentage.withPercentage(1));
    }

    private void record(Duration duration) {
        latency.record(duration.toNanos(), clock.nanos());
    }
}
