package dev.holdfast.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Management;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The load of a running replica, read from the page that it really has. */
@QuarkusTest
class LiveMetricsTest {

    @Test
    void theLoadOfARunningReplicaIsRead() {
        URI management = URI.create(Management.url(""));

        await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> {
            CompletableFuture<String> request = CompletableFuture.supplyAsync(Api::newConversation);
            Demand demand = new LiveMetrics().demand(management, Duration.ofMillis(500));
            assertThat(request.get(30, TimeUnit.SECONDS)).isNotEmpty();
            assertThat(demand.source()).matches("[1-9]\\d* uses in \\d+\\.\\d s, \\S+ ms each");
            assertThat(demand.inUse()).isPositive().isLessThan(10);
            assertThat(demand.pool()).isBetween(1, 15);
        });
    }

    @Test
    void aPageWithoutTheHistogramIsRefused() {
        assertThatIOException()
                .isThrownBy(() ->
                        new LiveMetrics().demand(URI.create(Management.url("/q/health/live")), Duration.ofMillis(1)))
                .withMessage("it has no holdfast_connection_usage_seconds_count");
        assertThatIOException()
                .isThrownBy(
                        () -> new LiveMetrics().demand(URI.create(Management.url("/nowhere")), Duration.ofMillis(1)))
                .withMessage("it answers 404");
    }

    @Test
    void connectionsInUseAreSecondsOfUsePerSecond() throws IOException {
        LiveMetrics.Sample first = LiveMetrics.parse(page(100, 2.5), 0);
        LiveMetrics.Sample second =
                LiveMetrics.parse(page(600, 12.5), Duration.ofSeconds(5).toNanos());

        assertThat(first.until(second)).isEqualTo(new Demand(2, "500 uses in 5.0 s, 20 ms each"));
    }

    @Test
    void aReplicaThatWasStartedAnewInBetweenIsNotMeasured() throws IOException {
        LiveMetrics.Sample first = LiveMetrics.parse(page(100, 2.5), 0);
        LiveMetrics.Sample second = LiveMetrics.parse(page(3, 0.1), 1);

        assertThatIOException().isThrownBy(() -> first.until(second));
    }

    private static String page(int uses, double seconds) {
        return "# TYPE holdfast_connection_usage_seconds histogram\nholdfast_connection_usage_seconds_sum " + seconds
                + "\nholdfast_connection_usage_seconds_count " + uses + "\n";
    }
}
