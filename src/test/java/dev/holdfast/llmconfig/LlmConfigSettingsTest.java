package dev.holdfast.llmconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LlmConfigSettingsTest {

    @Test
    void noKeysetIsBuiltIn() {
        LlmConfigSettings settings = settings(Map.of("HOLDFAST_KEYSET", ""));

        assertThat(settings.keyset()).isEmpty();
        assertThat(settings.keysetFile()).isEmpty();
        assertThat(settings.models().maxSnapshotAge()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void environmentVariablesAreMapped() {
        String keyset = Keyset.generate();
        LlmConfigSettings settings = settings(Map.of(
                "HOLDFAST_KEYSET",
                keyset,
                "HOLDFAST_KEYSET_FILE",
                "/run/keyset.json",
                "HOLDFAST_MODELS_MAX_SNAPSHOT_AGE",
                "10m"));

        assertThat(settings.keyset()).contains(keyset);
        assertThat(settings.keysetFile()).contains("/run/keyset.json");
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
