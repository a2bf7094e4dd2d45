package dev.holdfast.llmconfig.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeRequestTest {

    private static final String KEY = "sk-a-secret-key";

    @ParameterizedTest
    @CsvSource({
        "openai, https://api.openai.com/v1, /v1/models",
        "openai, https://api.openai.com/v1/, /v1/models",
        "openai, https://gateway.example/openai?team=7, /openai/models?team=7",
        "mistral, https://api.mistral.ai/v1, /v1/models",
        "openai-compatible, https://llm.example, /models",
        "custom, https://llm.example/a%20b//, /a%20b/models",
        "anthropic, https://api.anthropic.com, /v1/models",
        "anthropic, https://api.anthropic.com/v1/, /v1/models",
        "google, https://generativelanguage.googleapis.com, /v1beta/models",
        "google, https://generativelanguage.googleapis.com/v1, /v1/models",
        "ollama, http://localhost:11434, /api/tags",
        "ollama, http://localhost:11434/v1, /api/tags",
        "ollama, http://localhost:11434/behind/api, /behind/api/tags",
        "azure-openai, https://x.openai.azure.com, /openai/models?api-version=2024-10-21",
        "azure-openai, https://x.openai.azure.com/openai/, /openai/models?api-version=2024-10-21",
        "azure-openai, https://x.openai.azure.com/openai/v1, /openai/v1/models",
        "azure-openai, https://x.openai.azure.com?api-version=2025-01-01, /openai/models?api-version=2025-01-01",
        "azure-openai, https://x.openai.azure.com?a=b, /openai/models?a=b&api-version=2024-10-21"
    })
    void theListOfModelsIsWhereTheProviderHasIt(String provider, String baseUrl, String target) {
        assertThat(of(provider, baseUrl).target()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({
        "https://llm.example/v1, true, llm.example, 443",
        "HTTPS://llm.example:8443, true, llm.example, 8443",
        "' http://llm.example ', false, llm.example, 80",
        "http://[2001:db8::1]:81/, false, [2001:db8::1], 81"
    })
    void theHostIsThatOfTheBaseUrl(String baseUrl, boolean ssl, String host, int port) {
        ProbeRequest request = of("openai", baseUrl);

        assertThat(request.ssl()).isEqualTo(ssl);
        assertThat(request.host()).isEqualTo(host);
        assertThat(request.port()).isEqualTo(port);
    }

    @Test
    void theKeyGoesIntoTheHeaderThatTheProviderReads() {
        assertThat(headers("openai")).isEqualTo(Map.of("Authorization", "Bearer " + KEY));
        assertThat(headers("ollama")).isEqualTo(Map.of("Authorization", "Bearer " + KEY));
        assertThat(headers("custom")).isEqualTo(Map.of("Authorization", "Bearer " + KEY));
        assertThat(headers("azure-openai")).isEqualTo(Map.of("api-key", KEY));
        assertThat(headers("google")).isEqualTo(Map.of("x-goog-api-key", KEY));
        assertThat(headers("anthropic")).isEqualTo(Map.of("x-api-key", KEY, "anthropic-version", "2023-06-01"));
    }

    @Test
    void withoutAKeyNothingIsSentInItsPlace() {
        for (String provider : new String[] {"openai", "ollama", "azure-openai", "google"}) {
            assertThat(ProbeRequest.of(new ProbeTarget(provider, "http://x.example", null))
                            .headers())
                    .isEmpty();
        }
        assertThat(ProbeRequest.of(new ProbeTarget("anthropic", "http://x.example", null))
                        .headers())
                .containsOnlyKeys("anthropic-version");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no url",
                "llm.example/v1",
                "ftp://llm.example",
                "file:///etc/passwd",
                "https:llm.example",
                "https://",
                "https:///v1",
                "https://user:marked-secret@llm.example",
                "https://llm.example:99999",
                "https://llm.example/{marked-secret}",
                "https://marked secret.example"
            })
    void aUrlThatIsNoneIsRefusedWithoutRepeatingIt(String baseUrl) {
        assertThatThrownBy(() -> of("openai", baseUrl))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("base_url ")
                .hasMessageNotContaining("marked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"marked\r\nX-Evil: 1", "marked ü", "marked key", "marked\u0000"})
    void aKeyThatFitsNoHeaderIsRefusedWithoutRepeatingIt(String key) {
        assertThatThrownBy(() -> ProbeRequest.of(new ProbeTarget("openai", "https://llm.example", key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("API key")
                .hasMessageNotContaining("marked");
    }

    @Test
    void nothingPrintsTheKey() {
        ProbeTarget target = new ProbeTarget("openai", "https://llm.example", KEY);

        assertThat(target.toString() + ProbeRequest.of(target)).doesNotContain(KEY);
    }

    private static Map<String, String> headers(String provider) {
        return of(provider, "https://llm.example").headers();
    }

    private static ProbeRequest of(String provider, String baseUrl) {
        return ProbeRequest.of(new ProbeTarget(provider, baseUrl, KEY));
    }
}
