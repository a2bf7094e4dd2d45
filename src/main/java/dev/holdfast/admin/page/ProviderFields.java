package dev.holdfast.admin.page;

import dev.holdfast.llmconfig.Params;
import dev.holdfast.llmconfig.Provider;
import java.util.List;
import java.util.Map;

/** What a provider's form asks for besides what all have: its usual parameters, each under its own name. */
final class ProviderFields {

    /** A parameter that is a number. */
    record Param(String name, String label, String range) {

        public String field() {
            return "params." + name;
        }
    }

    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("temperature", "Temperature"),
            Map.entry("top_p", "Top p"),
            Map.entry("top_k", "Top k"),
            Map.entry("min_p", "Min p"),
            Map.entry("max_tokens", "Max tokens"),
            Map.entry("max_completion_tokens", "Max completion tokens"),
            Map.entry("max_output_tokens", "Max output tokens"),
            Map.entry("frequency_penalty", "Frequency penalty"),
            Map.entry("presence_penalty", "Presence penalty"));

    private static final List<String> OPENAI =
            List.of("temperature", "top_p", "max_completion_tokens", "frequency_penalty", "presence_penalty");

    private ProviderFields() {}

    static List<Param> of(Provider provider) {
        return names(provider).stream()
                .map(name -> new Param(name, LABELS.getOrDefault(name, name), Params.range(provider, name)))
                .toList();
    }

    private static List<String> names(Provider provider) {
        return switch (provider) {
            case OPENAI, AZURE_OPENAI -> OPENAI;
            case ANTHROPIC -> List.of("temperature", "top_p", "top_k", "max_tokens");
            case GOOGLE -> List.of("temperature", "top_p", "top_k", "max_output_tokens");
            case MISTRAL -> List.of("temperature", "top_p", "max_tokens");
            case OLLAMA -> List.of("temperature", "top_p", "top_k", "min_p");
            case OPENAI_COMPATIBLE -> List.of("temperature", "top_p", "max_tokens");
            case CUSTOM -> List.of();
        };
    }

    /** What the model of this provider may be called, to be shown in the empty field. */
    static String modelExample(Provider provider) {
        return switch (provider) {
            case OPENAI -> "gpt-4o-mini";
            case AZURE_OPENAI -> "the deployment's name";
            case ANTHROPIC -> "claude-sonnet-4-5";
            case GOOGLE -> "gemini-2.5-flash";
            case MISTRAL -> "mistral-large-latest";
            case OLLAMA -> "llama3.1";
            case OPENAI_COMPATIBLE, CUSTOM -> "the provider's name of the model";
        };
    }
}
