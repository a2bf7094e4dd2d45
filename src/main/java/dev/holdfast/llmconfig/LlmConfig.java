package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.holdfast.http.SortableId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A config as clients see it; it has no secret.
 *
 * @param provider one of {@link Provider}'s words, or one that a newer release has stored
 * @param keyHint the last 4 characters of a key that is long enough not to be given away by them
 * @param params JSON text of an object, as it was sent
 * @param byDefault true of one config at most
 * @param priority kept for applications: models are listed by it, the highest first
 * @param metadata JSON text of an object of strings
 * @param version 1 and then one more with each change
 * @param createdAt in seconds since 1970
 * @param updatedAt in seconds since 1970
 */
@JsonPropertyOrder({
    "id",
    "object",
    "name",
    "provider",
    "model",
    "base_url",
    "api_key_hint",
    "key_state",
    "params",
    "is_active",
    "is_default",
    "priority",
    "limits",
    "cost",
    "metadata",
    "version",
    "created_at",
    "updated_at"
})
@RegisterForReflection
public record LlmConfig(
        String id,
        String name,
        String provider,
        String model,
        @JsonProperty("base_url") @Nullable String baseUrl,
        @JsonProperty("api_key_hint") @Nullable String keyHint,
        @JsonProperty("key_state") KeyState keyState,
        @JsonRawValue String params,
        @JsonProperty("is_active") boolean active,
        @JsonProperty("is_default") boolean byDefault,
        int priority,
        Limits limits,
        Cost cost,
        @JsonRawValue String metadata,
        long version,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("updated_at") long updatedAt) {

    private static final String PREFIX = "cfg_";

    @JsonProperty("object")
    String object() {
        return "llm_config";
    }

    static String newId(long millis) {
        return SortableId.next(PREFIX, millis);
    }

    public static boolean isId(@Nullable String id) {
        return SortableId.is(PREFIX, id);
    }

    /**
     * What the provider allows; kept for applications, and not enforced here.
     *
     * @param rpm requests a minute, at least 1; null where there is no limit
     * @param tpm tokens a minute, at least 1; null where there is no limit
     */
    @RegisterForReflection
    public record Limits(@Nullable Long rpm, @Nullable Long tpm) {}

    /**
     * What the provider charges, in a currency that the administrators agree on.
     *
     * @param inputPerMtok for a million tokens; null where it is not known
     * @param outputPerMtok for a million tokens; null where it is not known
     */
    @RegisterForReflection
    public record Cost(
            @JsonProperty("input_per_mtok") @Nullable BigDecimal inputPerMtok,
            @JsonProperty("output_per_mtok") @Nullable BigDecimal outputPerMtok) {}
}
