package dev.holdfast.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InboxConfigTest {

    @Test
    void defaults() {
        InboxConfig config = config(Map.of());

        assertThat(config.maxBody().asLongValue()).isEqualTo(1 << 20);
        assertThat(config.concurrency()).isEqualTo(2);
        assertThat(config.batch()).isEqualTo(20);
        assertThat(config.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.maxAttempts()).isEqualTo(8);
        assertThat(config.retryBase()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.retryCap()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.keepDone()).isEqualTo(Duration.ofDays(7));
        assertThat(config.keepDead()).isEqualTo(Duration.ofDays(30));
        assertThat(config.purgeInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(InboxConfig.outOfRange(config)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "HOLDFAST_INBOX_MAX_BODY, 1023, holdfast.inbox.max-body",
        "HOLDFAST_INBOX_MAX_BODY, 11M, holdfast.inbox.max-body",
        "HOLDFAST_INBOX_CONCURRENCY, 0, holdfast.inbox.concurrency",
        "HOLDFAST_INBOX_CONCURRENCY, 65, holdfast.inbox.concurrency",
        "HOLDFAST_INBOX_BATCH, 101, holdfast.inbox.batch",
        "HOLDFAST_INBOX_LEASE, 1s, holdfast.inbox.lease",
        "HOLDFAST_INBOX_MAX_ATTEMPTS, 0, holdfast.inbox.max-attempts",
        "HOLDFAST_INBOX_RETRY_BASE, 0, holdfast.inbox.retry-base",
        "HOLDFAST_INBOX_RETRY_CAP, 500ms, holdfast.inbox.retry-cap",
        "HOLDFAST_INBOX_KEEP_DONE, 5m, holdfast.inbox.keep-done",
        "HOLDFAST_INBOX_KEEP_DEAD, 59m, holdfast.inbox.keep-dead",
        "HOLDFAST_INBOX_PURGE_INTERVAL, 500ms, holdfast.inbox.purge-interval"
    })
    void whatMakesNoSenseIsFound(String variable, String value, String setting) {
        assertThat(InboxConfig.outOfRange(config(Map.of(variable, value))))
                .extracting(BadSetting::setting)
                .containsExactly(setting);
    }

    private static InboxConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(InboxConfig.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(InboxConfig.class);
    }
}
