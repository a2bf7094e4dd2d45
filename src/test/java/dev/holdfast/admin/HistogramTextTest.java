package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Buckets;
import org.junit.jupiter.api.Test;

class HistogramTextTest {

    private final Buckets buckets = new Buckets();

    @Test
    void aSeriesHasABucketForEachBoundItsSumAndItsCount() {
        buckets.record(3_000_000);

        assertThat(new HistogramText()
                        .family("waits_seconds", "Waits")
                        .series("waits_seconds", buckets.view())
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
    void labelsAreEscaped() {
        assertThat(new HistogramText()
                        .series("waits_seconds", buckets.view(), "route", "a\"b\\c\nd", "method", "GET")
                        .toString())
                .contains("waits_seconds_count{route=\"a\\\"b\\\\c\\nd\",method=\"GET\"} 0\n");
    }
}
