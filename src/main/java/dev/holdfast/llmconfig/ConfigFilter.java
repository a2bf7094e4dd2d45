package dev.holdfast.llmconfig;

import dev.holdfast.problem.Problem;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which configs a list is of.
 *
 * @param provider null for all
 * @param active null for both
 */
record ConfigFilter(@Nullable String provider, @Nullable Boolean active) implements Predicate<LlmConfig> {

    /** @throws Problem 400 if {@code provider} or {@code active} is bad or comes twice */
    static ConfigFilter of(MultiMap query) {
        String provider = single(query, "provider");
        String active = single(query, "active");
        if (active != null && !active.equals("true") && !active.equals("false")) {
            throw Problem.invalid("'active' must be true or false.", "active");
        }
        return new ConfigFilter(
                provider == null ? null : ConfigText.provider(provider),
                active == null ? null : Boolean.valueOf(active));
    }

    @Override
    public boolean test(LlmConfig config) {
        return (provider == null || provider.equals(config.provider()))
                && (active == null || active == config.active());
    }

    private static @Nullable String single(MultiMap query, String name) {
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid("'" + name + "' must be given once.", name);
        }
        return values.isEmpty() ? null : values.get(0);
    }
}
