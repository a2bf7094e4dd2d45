package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A key as clients see it.
 *
 * @param key the key itself, only in the answer that hands it out; null ever after
 * @param prefix its first 7 characters, to recognise it by
 * @param createdAt in seconds since 1970
 * @param revokedAt in seconds since 1970, or null while it works
 */
@JsonPropertyOrder({"id", "object", "project", "key", "prefix", "name", "created_at", "revoked_at"})
record ApiKey(
        String id,
        String project,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key,
        String prefix,
        @Nullable String name,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("revoked_at") @Nullable Long revokedAt) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int PREFIX = 7;

    /** A new key. Ids sort by the time they were made, so that a list by id is a list by age. */
    static ApiKey issue(String project, @Nullable String name, long epochMillis) {
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        String key = "hf_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        byte[] tail = new byte[10];
        RANDOM.nextBytes(tail);
        String id = "key_%012x%s".formatted(epochMillis, HexFormat.of().formatHex(tail));
        return new ApiKey(id, project, key, key.substring(0, PREFIX), name, epochMillis / 1000, null);
    }

    @JsonProperty("object")
    String object() {
        return "key";
    }

    /** A record that holds a secret must not print it. */
    @Override
    public String toString() {
        return "ApiKey[" + id + " of " + project + "]";
    }

    /** What a client may send with the wish for a key. */
    record Draft(@Nullable String name) {

        static final Draft NAMELESS = new Draft(null);

        Draft {
            if (name != null) {
                Names.check(name);
            }
        }
    }

    /** The answer to a revocation. */
    @JsonPropertyOrder({"id", "object", "deleted"})
    record Deleted(String id) {

        @JsonProperty("object")
        String object() {
            return "key.deleted";
        }

        @JsonProperty("deleted")
        boolean deleted() {
            return true;
        }
    }
}
