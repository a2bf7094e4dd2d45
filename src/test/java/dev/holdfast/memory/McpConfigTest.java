package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code holdfast.mcp.*}: defaults and what is refused. */
class McpConfigTest {

    private static McpConfig config(Map<String, String> settings) {
        Map<String, String> all =
                new HashMap<>(Map.of("holdfast.mcp.tool-timeout", "PT0.9S", "holdfast.mcp.retention-interval", "PT5M"));
        all.putAll(settings);
        return new SmallRyeConfigBuilder()
                .withMapping(McpConfig.class)
                .withSources(new PropertiesConfigSource(all, "test", 100))
                .withConverter(Duration.class, 100, Duration::parse)
                .build()
                .getConfigMapping(McpConfig.class);
    }

    @Test
    void theDefaultsAreGood() {
        McpConfig config = config(Map.of());

        assertThat(config.allowedOrigins()).isEmpty();
        assertThat(McpConfig.outOfRange(config)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.009S", "PT1M0.001S", "PT0S", "PT-1S"})
    void aTimeoutOutOfRangeIsRefused(String timeout) {
        assertThat(McpConfig.outOfRange(config(Map.of("holdfast.mcp.tool-timeout", timeout))))
                .extracting(BadSetting::setting)
                .containsExactly("holdfast.mcp.tool-timeout");
    }

    @Test
    void whoeverLooksForOldMemoryAllTheTimeIsRefused() {
        assertThat(McpConfig.outOfRange(config(Map.of("holdfast.mcp.retention-interval", "PT0.999S"))))
                .extracting(BadSetting::setting)
                .containsExactly("holdfast.mcp.retention-interval");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org",
                "https://example.org/path",
                "ftp://example.org",
                "*",
                "https://a.org https://b.org"
            })
    void whatIsNoOriginIsRefused(String origins) {
        assertThat(McpConfig.outOfRange(config(Map.of("holdfast.mcp.allowed-origins", origins))))
                .extracting(BadSetting::setting)
                .containsExactly("holdfast.mcp.allowed-origins");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example.org, true",
        "HTTPS://A.example.org, true",
        "http://b.example.org:8080, true",
        "http://b.example.org, false",
        "http://a.example.org, false",
        "https://a.example.org.evil.example.com, false"
    })
    void pagesOfConfiguredOriginsMayCall(String origin, boolean allowed) {
        Origins origins = Origins.of(" https://a.example.org, http://B.example.org:8080,");

        assertThat(origins.allows(origin)).isEqualTo(allowed);
    }
}
