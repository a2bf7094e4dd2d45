package dev.holdfast.conversation;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The requests of this package's tests, and how they fail. */
final class Bodies {

    /** A moment, in Unix milliseconds: its twelve hex digits are {@link #NOW_HEX}. */
    static final long NOW = 0x0123456789abL;

    static final String NOW_HEX = "0123456789ab";

    private Bodies() {}

    static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /** The drafts of a request that appends the given items. */
    static List<ItemDraft> append(String... items) {
        return RequestBody.append(bytes("{\"items\":[" + String.join(",", items) + "]}"), NOW);
    }

    /** What the one given item becomes. */
    static String stored(String item) {
        return append(item).get(0).json();
    }

    static Problem refused(Runnable request) {
        return catchThrowableOfType(Problem.class, request::run);
    }
}
