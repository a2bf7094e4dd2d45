package dev.holdfast.sealing;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SealingSettingsTest {

    @Test
    void noKeysetIsBuiltIn() {
        SealingSettings settings = settings(Map.of("HOLDFAST_KEYSET", ""));

        assertThat(settings.keyset()).isEmpty();
        assertThat(settings.keysetFile()).isEmpty();
    }

    @Test
    void environmentVariablesAreMapped() {
        String keyset = Keyset.generate();
        SealingSettings settings =
                settings(Map.of("HOLDFAST_KEYSET", keyset, "HOLDFAST_KEYSET_FILE", "/run/keyset.json"));

        assertThat(settings.keyset()).contains(keyset);
        assertThat(settings.keysetFile()).contains("/run/keyset.json");
    }

    private static SealingSettings settings(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(SealingSettings.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(SealingSettings.class);
    }
}
