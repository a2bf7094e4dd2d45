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
    }

    @Test
    void environmentVariablesAreMapped() {
        IdentityConfig config = config(Map.of(
                "HOLDFAST_ADMIN_KEY", "one", "HOLDFAST_API_KEY", "two", "HOLDFAST_AUTH_MAX_SNAPSHOT_AGE", "10m"));

        assertThat(config.adminKey()).contains("one");
        assertThat(config.apiKey()).contains("two");
        assertThat(config.auth().maxSnapshotAge()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void aBlankKeyIsNone() {
        assertThat(config(Map.of("HOLDFAST_API_KEY", "")).apiKey()).isEmpty();
    }

    private static IdentityConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(IdentityConfig.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(IdentityConfig.class);
    }
}
