package dev.holdfast.inbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * A message as administrators see it.
 *
 * @param state {@code waiting}, {@code done} or {@code dead}
 * @param reason why its last attempt failed; null if none did, or if it was delivered
 * @param conversationId where it was appended; null until then
 * @param receivedAt in seconds since 1970
 * @param finishedAt when it was delivered or set aside; null while it waits
 * @param settings JSON text: the sender's settings that apply to it; only of a single message
 * @param items JSON text of a list of its items, empty once they were delivered; only of a single message
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({
    "id",
    "object",
    "project",
    "source",
    "external_id",
    "sender_message_id",
    "state",
    "attempts",
    "reason",
    "conversation_id",
    "received_at",
    "finished_at",
    "settings",
    "items"
})
record StoredMessage(
        String id,
        String project,
        String source,
        String externalId,
        @Nullable String senderMessageId,
        String state,
        int attempts,
        @Nullable String reason,
        @Nullable String conversationId,
        long receivedAt,
        @Nullable Long finishedAt,

        @JsonRawValue @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        String settings,

        @JsonRawValue @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        String items) {

    @JsonProperty("object")
    String object() {
        return "inbox.message";
    }
}
