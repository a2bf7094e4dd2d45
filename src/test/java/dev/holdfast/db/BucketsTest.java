package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketsTest {

    private final Buckets buckets = new Buckets();

    @Test
    void boundsGoFromHalfAMillisecondToThirtySeconds() {
        assertThat(Buckets.BOUNDS)
                .startsWith("0.0005", "0.001")
                .contains("0.4", "1", "5")
                .endsWith("10", "30");
        assertThat(Buckets.BOUNDS.stream().map(Double::valueOf)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aDurationCountsInEveryBucketThatIsNotShorter() {
        buckets.record(Duration.ofMillis(400).toNanos());

        assertThat(atMost("0.25")).isZero();
        assertThat(atMost("0.4")).as("bounds are inclusive").isEqualTo(1);
        assertThat(atMost("30")).isEqualTo(1);
        assertThat(buckets.view().count()).isEqualTo(1);
        assertThat(buckets.view().sumSeconds()).isEqualTo(0.4);
    }

    @Test
    void whatIsLongerThanAllBoundsStillCounts() {
        buckets.record(Duration.ofSeconds(31).toNanos());

        assertThat(atMost("30")).isZero();
        assertThat(buckets.view().count()).isEqualTo(1);
        assertThat(buckets.view().sumSeconds()).isEqualTo(31);
    }

    @Test
    void aClockThatGoesBackDoesNotTakeFromTheSum() {
        buckets.record(-5_000_000);

        assertThat(atMost("0.0005")).isEqualTo(1);
        assertThat(buckets.view().sumSeconds()).isZero();
    }

    @Test
    void nothingIsLostAmongThreads() {
        IntStream.range(0, 100_000).parallel().forEach(i -> buckets.record(i * 1_000L));

        assertThat(buckets.view().count()).isEqualTo(100_000);
        assertThat(buckets.view().cumulative()).isSorted();
        assertThat(buckets.view().sumSeconds()).isEqualTo(99_999 * 100_000L / 2 / 1e6);
    }

    @Test
    void aViewHasOneCountForEachBoundAndOneForAll() {
        assertThatThrownBy(() -> new Buckets.View(List.of(1L), 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private long atMost(String bound) {
        return buckets.view().cumulative().get(Buckets.BOUNDS.indexOf(bound));
    }
}
