package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdentityConfigTest {

    @Test
    void noKeyIsBuiltIn() {
        IdentityConfig config = config(Map.of());

        assertThat(config.adminKey()).isEmpty();
        assertThat(config.apiKey()).isEmpty();
        assertThat(config.auth().maxSnapshotAge()).isEqualTo(Duration.ofHours(1));
        assertThat(config.auth().lastUsedInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.auth().maxFailures()).isEqualTo(20);
    }

    @Test
    void environmentVariablesAreMapped() {
        IdentityConfig config = config(Map.of(
                "HOLDFAST_ADMIN_KEY", "one",
                "HOLDFAST_API_KEY", "two",
                "HOLDFAST_AUTH_MAX_SNAPSHOT_AGE", "10m",
                "HOLDFAST_AUTH_LAST_USED_INTERVAL", "5m",
                "HOLDFAST_AUTH_MAX_FAILURES", "7"));

        assertThat(config.adminKey()).contains("one");
        assertThat(config.apiKey()).contains("two");
        assertThat(config.auth().maxSnapshotAge()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.auth().lastUsedInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.auth().maxFailures()).isEqualTo(7);
    }

    @Test
    void aBlankKeyIsNone() {
        assertThat(config(Map.of("HOLDFAST_API_KEY", "")).apiKey()).isEmpty();
    }

    static IdentityConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(IdentityConfig.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(IdentityConfig.class);
    }
}
