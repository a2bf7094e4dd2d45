package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.problem.Problem;
import java.util.UUID;

/**
 * A project as clients see it.
 *
 * @param createdAt in seconds since 1970
 */
@JsonPropertyOrder({"id", "object", "name", "created_at"})
public record Project(
        String id, String name, @JsonProperty("created_at") long createdAt) {

    @JsonProperty("object")
    String object() {
        return "project";
    }

    /** For whoever has no id in mind. */
    public static String newId() {
        return "proj_" + UUID.randomUUID().toString().replace("-", "");
    }

    /** What a client sends to make one; an id is made where it sends none. */
    public record Draft(String id, String name) {

        public Draft {
            if (id == null) {
                id = newId();
            }
            if (!Names.isId(id)) {
                throw Problem.invalid("'id' must be 1 to 64 of a-z, 0-9, '-' and '_'.", "id");
            }
            if (name == null) {
                throw Problem.invalid("'name' is needed.", "name");
            }
            Names.check(name);
        }
    }
}
