package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpConfigTest {

    @Test
    void defaultsAreTheContracts() {
        long held = Math.max(20 << 20, Runtime.getRuntime().maxMemory() / 8);
        assertThat(HttpLimits.of(config(Map.of()))).isEqualTo(new HttpLimits(Duration.ofSeconds(30), 10 << 20, held));
    }

    @Test
    void environmentVariablesAreMapped() {
        HttpConfig config = config(Map.of(
                "HOLDFAST_HTTP_REQUEST_TIMEOUT",
                "12",
                "HOLDFAST_HTTP_MAX_BODY",
                "2M",
                "HOLDFAST_HTTP_MAX_HELD_BYTES",
                "5M"));

        assertThat(HttpLimits.of(config)).isEqualTo(new HttpLimits(Duration.ofSeconds(12), 2 << 20, 5 << 20));
    }

    @Test
    void theBudgetOfBytesHasRoomForTwoBodies() {
        HttpConfig config = config(Map.of("HOLDFAST_HTTP_MAX_HELD_BYTES", "19M"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpLimits.of(config))
                .withMessageContaining("holdfast.http.max-held-bytes");
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
