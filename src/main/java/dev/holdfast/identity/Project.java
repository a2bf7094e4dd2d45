package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A project as clients see it.
 *
 * @param createdAt in seconds since 1970
 * @param retentionDays for how many days a conversation is kept after its last item, 1 to 36,500; null for ever
 */
@JsonPropertyOrder({"id", "object", "name", "created_at", "retention_days"})
record Project(
        String id,
        String name,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("retention_days") @Nullable Integer retentionDays) {

    private static final int LONGEST_RETENTION = 36_500;

    @JsonProperty("object")
    String object() {
        return "project";
    }

    /** What a client sends to make one; an id is made where it sends none. */
    @RegisterForReflection
    record Draft(
            String id,
            String name,
            @JsonProperty("retention_days") @Nullable Integer retentionDays) {

        Draft {
            if (id == null) {
                id = "proj_" + UUID.randomUUID().toString().replace("-", "");
            }
            if (!Names.isId(id)) {
                throw Problem.invalid("'id' must be 1 to 64 of a-z, 0-9, '-' and '_'.", "id");
            }
            if (name == null) {
                throw Problem.invalid("'name' is needed.", "name");
            }
            Names.check(name);
            checkRetention(retentionDays);
        }
    }

    /**
     * What a client sends to change one: what is absent stays.
     *
     * @param name null where it stays
     * @param changesRetention whether {@code retentionDays} takes the place of what there is
     */
    record Change(
            @Nullable String name,
            boolean changesRetention,
            @Nullable Integer retentionDays) {

        Change {
            if (name != null) {
                Names.check(name);
            }
            checkRetention(retentionDays);
        }

        /** Reads one: of {@code name}, which may not be null, and {@code retention_days}. */
        static Change read(byte[] body) {
            String name = null;
            boolean changes = false;
            Integer days = null;
            try (JsonCursor in = new JsonCursor(body)) {
                Set<String> seen = in.beginObject();
                while (in.nextNewField(seen, null)) {
                    switch (in.name()) {
                        case "name" -> name = in.requiredString("name");
                        case "retention_days" -> {
                            changes = true;
                            days = in.token() == JsonToken.VALUE_NULL ? null : days(in);
                        }
                        default -> throw Problem.invalid("A project has no such field that can be changed.", in.name());
                    }
                }
                in.end();
            }
            return new Change(name, changes, days);
        }

        private static int days(JsonCursor in) {
            String text = in.text().substring(in.from(), in.to());
            if (in.token() != JsonToken.VALUE_NUMBER_INT || text.length() > 6) {
                throw badRetention();
            }
            return Integer.parseInt(text);
        }
    }

    private static void checkRetention(@Nullable Integer days) {
        if (days != null && (days < 1 || days > LONGEST_RETENTION)) {
            throw badRetention();
        }
    }

    private static Problem badRetention() {
        return Problem.invalid(
                "'retention_days' must be a whole number from 1 to " + LONGEST_RETENTION + ", or null.",
                "retention_days");
    }
}
