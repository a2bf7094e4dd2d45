package dev.holdfast.llmconfig;

import dev.holdfast.problem.Problem;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a config: the fields that were named, with values that are good in themselves. A field that was not
 * named stays as it is.
 */
public final class ConfigChange {

    private static final int SHORTEST_HINTED = 12;
    private static final int HINT = 4;

    private final Map<String, @Nullable Object> values;
    private final boolean keyNamed;
    private final @Nullable String key;

    private ConfigChange(Builder builder) {
        this.values = builder.values;
        this.keyNamed = builder.keyNamed;
        this.key = builder.key;
    }

    /** To be the default, and nothing else. */
    public static ConfigChange toDefault() {
        return new Builder().set("is_default", true).build();
    }

    /** To be active or not, and nothing else. */
    public static ConfigChange active(boolean active) {
        return new Builder().set("is_active", active).build();
    }

    /** The provider's key in the clear, only for sealing; null where it is removed or stays as it is. */
    @Nullable
    String key() {
        return key;
    }

    /** Whether the key is set or removed. */
    boolean changesKey(LlmConfig base) {
        return key != null || keyNamed && base.keyState() != KeyState.NONE;
    }

    /**
     * A new config.
     *
     * @param now in seconds since 1970
     * @throws Problem 400 if a field is missing, or does not go with another
     */
    LlmConfig create(String id, long now) {
        for (String field : new String[] {"name", "provider", "model"}) {
            if (!values.containsKey(field)) {
                throw Problem.invalid("'" + field + "' is needed.", field);
            }
        }
        LlmConfig.Limits noLimits = new LlmConfig.Limits(null, null);
        LlmConfig.Cost noCost = new LlmConfig.Cost(null, null);
        LlmConfig nothing = new LlmConfig(
                id, "", "", "", null, null, KeyState.NONE, "{}", true, false, 0, noLimits, noCost, "{}", 1, now, now);
        LlmConfig created = merge(nothing, 1, now);
        if (created.byDefault() && !created.active()) {
            throw Problem.invalid(INACTIVE_DEFAULT, "is_active");
        }
        return checked(created);
    }

    /**
     * The next version of {@code base}, or {@code base} itself where nothing changes.
     *
     * @param now in seconds since 1970
     * @throws Problem 400 if fields don't go together, 409 if an inactive config would be the default
     */
    LlmConfig apply(LlmConfig base, long now) {
        if (!changesKey(base) && merge(base, base.version(), base.updatedAt()).equals(base)) {
            return base;
        }
        LlmConfig next = merge(base, base.version() + 1, now);
        if (next.byDefault() && !next.active()) {
            throw Problem.conflict(INACTIVE_DEFAULT, "is_active");
        }
        return checked(next);
    }

    private static final String INACTIVE_DEFAULT = "An inactive config can't be the default.";

    private static LlmConfig checked(LlmConfig config) {
        Provider provider = Provider.of(config.provider())
                .orElseThrow(() -> Problem.invalid(
                        "This release does not know the config's provider: set one of " + Provider.ALL + ".",
                        "provider"));
        if (config.baseUrl() == null && provider.defaultBaseUrl() == null) {
            throw Problem.invalid("'base_url' is needed for " + provider.text() + ".", "base_url");
        }
        Params.check(config.params(), provider);
        return config;
    }

    private LlmConfig merge(LlmConfig base, long version, long updatedAt) {
        LlmConfig.Limits limits = base.limits();
        LlmConfig.Cost cost = base.cost();
        return new LlmConfig(
                base.id(),
                or("name", base.name()),
                or("provider", base.provider()),
                or("model", base.model()),
                this.<@Nullable String>or("base_url", base.baseUrl()),
                keyNamed ? hint(key) : base.keyHint(),
                keyNamed ? key == null ? KeyState.NONE : KeyState.SEALED : base.keyState(),
                or("params", base.params()),
                or("is_active", base.active()),
                or("is_default", base.byDefault()),
                or("priority", base.priority()),
                new LlmConfig.Limits(
                        this.<@Nullable Long>or("limits.rpm", limits.rpm()),
                        this.<@Nullable Long>or("limits.tpm", limits.tpm())),
                new LlmConfig.Cost(
                        this.<@Nullable BigDecimal>or("cost.input_per_mtok", cost.inputPerMtok()),
                        this.<@Nullable BigDecimal>or("cost.output_per_mtok", cost.outputPerMtok())),
                or("metadata", base.metadata()),
                version,
                base.createdAt(),
                updatedAt);
    }

    // The builder has put a value of the field's own type there.
    @SuppressWarnings({"unchecked", "NullAway"})
    private <T extends @Nullable Object> T or(String field, T unchanged) {
        return values.containsKey(field) ? (T) values.get(field) : unchanged;
    }

    private static @Nullable String hint(@Nullable String key) {
        return key == null || key.length() < SHORTEST_HINTED ? null : key.substring(key.length() - HINT);
    }

    /** Collects what a request names. */
    static final class Builder {

        private final Map<String, @Nullable Object> values = new HashMap<>();
        private boolean keyNamed;
        private @Nullable String key;

        Builder set(String field, @Nullable Object value) {
            values.put(field, value);
            return this;
        }

        /** {@code null} removes the key. */
        Builder key(@Nullable String secret) {
            keyNamed = true;
            key = secret;
            return this;
        }

        ConfigChange build() {
            return new ConfigChange(this);
        }
    }
}
