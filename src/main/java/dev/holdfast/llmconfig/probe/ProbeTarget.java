package dev.holdfast.llmconfig.probe;

import org.jspecify.annotations.Nullable;

/**
 * What of a config is tried out.
 *
 * @param provider its kind, such as {@code azure-openai}; one that is not known is taken for {@code openai-compatible}
 * @param baseUrl as its clients take it
 * @param apiKey null where the provider needs none
 */
public record ProbeTarget(
        String provider, String baseUrl, @Nullable String apiKey) {

    /** A record that holds a secret must not print it. */
    @Override
    public String toString() {
        return "ProbeTarget[" + provider + "]";
    }
}
