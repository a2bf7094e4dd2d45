package dev.holdfast.llmconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LlmConfigSettingsTest {

    @Test
    void configsAreServedForAnHourWithoutPostgresql() {
        assertThat(settings(Map.of()).models().maxSnapshotAge()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void environmentVariablesAreMapped() {
        LlmConfigSettings settings = settings(Map.of("HOLDFAST_MODELS_MAX_SNAPSHOT_AGE", "10m"));

        assertThat(settings.models().maxSnapshotAge()).isEqualTo(Duration.ofMinutes(10));
    }

    private static LlmConfigSettings settings(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(LlmConfigSettings.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(LlmConfigSettings.class);
    }
}
