package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.problem.Problem;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A key as clients see it.
 *
 * @param key the key itself, only in the answer that hands it out; null ever after
 * @param prefix its first 7 characters, to recognise it by
 * @param scopes what it may be used for
 * @param createdAt in seconds since 1970, as are the other times
 * @param expiresAt from when on it no longer works, or null
 * @param lastUsedAt within a minute or two, or null if it never was
 * @param revokedAt null while it works
 */
@JsonPropertyOrder({
    "id",
    "object",
    "project",
    "key",
    "prefix",
    "name",
    "scopes",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at"
})
public record ApiKey(
        String id,
        String project,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key,
        String prefix,
        @Nullable String name,
        Set<Scope> scopes,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("expires_at") @Nullable Long expiresAt,
        @JsonProperty("last_used_at") @Nullable Long lastUsedAt,
        @JsonProperty("revoked_at") @Nullable Long revokedAt) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int PREFIX = 7;

    public ApiKey {
        // In one order, whatever the client's or the set's.
        scopes = Collections.unmodifiableSet(new TreeSet<>(scopes));
    }

    /**
     * A new key. Ids sort by the time they were made, so that a list by id is a list by age.
     *
     * @throws Problem 400 if it would have expired already
     */
    public static ApiKey issue(String project, Draft draft, long epochMillis) {
        long now = epochMillis / 1000;
        if (draft.expiresAt != null && draft.expiresAt <= now) {
            throw Problem.invalid("'expires_at' must be in the future, in seconds since 1970.", "expires_at");
        }
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        String key = "hf_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        byte[] tail = new byte[10];
        RANDOM.nextBytes(tail);
        String id = "key_%012x%s".formatted(epochMillis, HexFormat.of().formatHex(tail));
        Set<Scope> scopes = draft.scopes == null ? Scope.ALL : draft.scopes;
        return new ApiKey(
                id, project, key, key.substring(0, PREFIX), draft.name, scopes, now, draft.expiresAt, null, null);
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

    /**
     * What a client may send with the wish for a key.
     *
     * @param scopes null for all
     * @param expiresAt in seconds since 1970, up to the year 9999; null for never
     */
    public record Draft(
            @Nullable String name,
            @Nullable Set<Scope> scopes,
            @Nullable Long expiresAt) {

        static final Draft EMPTY = new Draft(null, null, null);
        private static final long YEAR_10000 = 253_402_300_800L;

        public Draft {
            if (name != null) {
                Names.check(name);
            }
            if (expiresAt != null && (expiresAt < 0 || expiresAt >= YEAR_10000)) {
                throw Problem.invalid("'expires_at' must be a time in seconds since 1970.", "expires_at");
            }
        }

        @JsonCreator
        static Draft of(
                @JsonProperty("name") @Nullable String name,
                @JsonProperty("scopes") @Nullable List<String> scopes,
                @JsonProperty("expires_at") @Nullable Long expiresAt) {
            return new Draft(name, scopes == null ? null : Scope.parse(scopes), expiresAt);
        }
    }
}
