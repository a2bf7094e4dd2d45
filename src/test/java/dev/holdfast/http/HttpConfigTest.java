package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpConfigTest {

    @Test
    void defaultsAreTheContracts() {
        assertThat(HttpLimits.of(config(Map.of()))).isEqualTo(new HttpLimits(Duration.ofSeconds(30), 10 << 20));
    }

    @Test
    void environmentVariablesAreMapped() {
        HttpConfig config = config(Map.of("HOLDFAST_HTTP_REQUEST_TIMEOUT", "12", "HOLDFAST_HTTP_MAX_BODY", "2M"));

        assertThat(HttpLimits.of(config)).isEqualTo(new HttpLimits(Duration.ofSeconds(12), 2 << 20));
    }

    private static HttpConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(HttpConfig.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(HttpConfig.class);
    }
}
