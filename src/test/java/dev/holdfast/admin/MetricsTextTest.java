package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Buckets;
import org.junit.jupiter.api.Test;

class MetricsTextTest {

    private final Buckets buckets = new Buckets();

    @Test
    void aSeriesHasABucketForEachBoundItsSumAndItsCount() {
        buckets.record(3_000_000);

        assertThat(new MetricsText()
                        .family(MetricsText.Type.HISTOGRAM, "waits_seconds", "Waits")
                        .histogram("waits_seconds", buckets.view())
                        .toString()
                        .lines())
                .startsWith(
                        "# HELP waits_seconds Waits",
                        "# TYPE waits_seconds histogram",
                        "waits_seconds_bucket{le=\"0.0005\"} 0")
                .contains("waits_seconds_bucket{le=\"0.0025\"} 0", "waits_seconds_bucket{le=\"0.005\"} 1")
                .endsWith("waits_seconds_bucket{le=\"+Inf\"} 1", "waits_seconds_sum 0.003", "waits_seconds_count 1");
    }

    @Test
    void aSampleHasItsLabelsAndItsValue() {
        assertThat(new MetricsText()
                        .family(MetricsText.Type.COUNTER, "things_total", "Things")
                        .sample("things_total", 2, "kind", "good")
                        .sample("things_total", Double.NaN)
                        .toString())
                .isEqualTo("""
                        # HELP things_total Things
                        # TYPE things_total counter
                        things_total{kind="good"} 2
                        things_total NaN
                        """);
    }

    @Test
    void labelsAreEscaped() {
        assertThat(new MetricsText()
                        .histogram("waits_seconds", buckets.view(), "route", "a\"b\\c\nd", "method", "GET")
                        .toString())
                .contains("waits_seconds_count{route=\"a\\\"b\\\\c\\nd\",method=\"GET\"} 0\n");
    }
}
