package dev.holdfast.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * The answer to a deletion.
 *
 * @param object what it was, such as {@code key.deleted}
 */
@JsonPropertyOrder({"id", "object", "deleted"})
public record Deleted(String id, String object) {

    @JsonProperty("deleted")
    public boolean deleted() {
        return true;
    }
}
