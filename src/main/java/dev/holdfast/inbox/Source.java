package dev.holdfast.inbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where messages come from, as administrators see it.
 *
 * @param project whose conversations the messages are for
 * @param secret what messages are to be signed with, only in the answer that hands it out
 * @param secretState whether this replica's keyset opens the secret: {@code sealed} or {@code undecryptable}
 * @param secretCreatedAt in seconds since 1970, as are the others
 * @param previousSecretCreatedAt null unless the secret before is valid still
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({
    "id",
    "object",
    "project",
    "name",
    "secret",
    "secret_state",
    "secret_created_at",
    "previous_secret_created_at",
    "created_at"
})
record Source(
        String id,
        String project,
        String name,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String secret,
        String secretState,
        long secretCreatedAt,
        @Nullable Long previousSecretCreatedAt,
        long createdAt) {

    private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,64}");
    private static final int LONGEST_NAME = 256;

    @JsonProperty("object")
    String object() {
        return "inbox.source";
    }

    static boolean isId(@Nullable String id) {
        return id != null && ID.matcher(id).matches();
    }

    Source withSecret(String shown) {
        return new Source(id, project, name, shown, secretState, secretCreatedAt, previousSecretCreatedAt, createdAt);
    }

    /**
     * What a client sends to make one.
     *
     * @param project {@code default} where it sends none
     * @param name the id where it sends none
     */
    @RegisterForReflection
    record Draft(
            String id, @Nullable String project, @Nullable String name) {

        Draft {
            if (!isId(id)) {
                throw Problem.invalid("'id' must be 1 to 64 of a-z, 0-9, '-' and '_'.", "id");
            }
            project = project == null ? "default" : project;
            name = name == null ? id : name;
            if (!isId(project)) {
                throw Problem.invalid("'project' must be the id of a project.", "project");
            }
            if (name.isBlank()
                    || name.codePointCount(0, name.length()) > LONGEST_NAME
                    || name.codePoints().anyMatch(Source::isUnfit)) {
                throw Problem.invalid(
                        "'name' must be 1 to 256 characters, without control characters and lone surrogates.", "name");
            }
        }
    }

    private static boolean isUnfit(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }
}
