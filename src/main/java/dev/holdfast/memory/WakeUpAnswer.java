package dev.holdfast.memory;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/** What {@code wake_up} tells, cut until a model's context can bear it, whatever there is to be told. */
final class WakeUpAnswer {

    /** In bytes of the whole result: the structured one, and the same as a text. 5 KB less its wrapping. */
    static final int MOST_BYTES = 5 * 1024 - 256;

    private static final int FIRST_SUMMARY = 1_200;
    private static final int SHORTEST_SUMMARY = 100;

    private WakeUpAnswer() {}

    static JsonObject of(String project, SessionRepository.Awake awake) {
        JsonArray mustCheck = awake.mustCheck().copy();
        JsonArray changes = awake.changes().copy();
        JsonObject handover = awake.handover() == null ? null : awake.handover().copy();
        String summary = handover == null ? "" : handover.getString("summary");
        JsonObject answer = new JsonObject()
                .put("project", project)
                .put("session", awake.session())
                .put("counts", awake.counts())
                .put("last_handover", handover)
                .put("must_check", mustCheck)
                .put("changes", changes)
                .put("truncated", false);
        int longest = FIRST_SUMMARY;
        while (true) {
            if (handover != null) {
                handover.put("summary", Reading.shortened(summary, longest));
            }
            answer.put(
                    "truncated",
                    mustCheck.size() < awake.counts().getLong("always_check")
                            || changes.size() < awake.changes().size()
                            || summary.codePointCount(0, summary.length()) > longest);
            if (size(answer) <= MOST_BYTES) {
                return answer;
            }
            // What is cut can be asked for: changes first, then the summary, the rules last.
            if (changes.size() > Math.max(3, mustCheck.size() / 2)) {
                changes.remove(changes.size() - 1);
            } else if (longest > SHORTEST_SUMMARY) {
                longest = Math.max(SHORTEST_SUMMARY, longest * 2 / 3);
            } else if (!mustCheck.isEmpty()) {
                mustCheck.remove(mustCheck.size() - 1);
            } else {
                changes.remove(changes.size() - 1);
            }
        }
    }

    /** Once as JSON, and once more as a string within JSON. */
    private static int size(JsonObject answer) {
        String json = answer.encode();
        return bytes(json) + bytes(new JsonArray().add(json).encode());
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
