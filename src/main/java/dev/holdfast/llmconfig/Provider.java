package dev.holdfast.llmconfig;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The kinds of provider, and where each is found unless a config says otherwise. */
public enum Provider {
    OPENAI("openai", "https://api.openai.com/v1"),
    AZURE_OPENAI("azure-openai", null),
    ANTHROPIC("anthropic", "https://api.anthropic.com"),
    GOOGLE("google", "https://generativelanguage.googleapis.com"),
    MISTRAL("mistral", "https://api.mistral.ai/v1"),
    OLLAMA("ollama", "http://localhost:11434"),
    OPENAI_COMPATIBLE("openai-compatible", null),
    CUSTOM("custom", null);

    static final String ALL = Arrays.stream(values()).map(Provider::text).collect(Collectors.joining(", "));

    private final String text;
    private final @Nullable String defaultBaseUrl;

    Provider(String text, @Nullable String defaultBaseUrl) {
        this.text = text;
        this.defaultBaseUrl = defaultBaseUrl;
    }

    public String text() {
        return text;
    }

    /** Where it is found without a {@code base_url}; null where a config must have one. */
    public @Nullable String defaultBaseUrl() {
        return defaultBaseUrl;
    }

    /** Empty for a word that names none of them. */
    public static Optional<Provider> of(String text) {
        return Arrays.stream(values())
                .filter(provider -> provider.text.equals(text))
                .findFirst();
    }
}
