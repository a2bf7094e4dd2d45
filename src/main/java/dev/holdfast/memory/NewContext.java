package dev.holdfast.memory;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be locked.
 *
 * @param content 1 to 100,000 characters
 * @param tags at most 16, in their order, each once
 */
record NewContext(String topic, String content, List<String> tags, Priority priority) {

    static final int LONGEST_CONTENT = 100_000;
    static final Set<String> ARGUMENTS = Set.of("topic", "content", "tags", "priority");

    NewContext {
        Names.topic(topic);
        tags = Names.tags(tags);
        if (content.isBlank() || PlainText.length(content) > LONGEST_CONTENT || !PlainText.isStorable(content)) {
            throw Problem.invalid(
                    "'content' must be 1 to 100000 characters, not all blank, without U+0000 and lone surrogates.",
                    "content");
        }
    }

    /** @throws Problem 400 if they are not that of a context */
    static NewContext of(Arguments arguments) {
        String content = arguments.text("content");
        @Nullable String priority = arguments.optionalText("priority");
        return new NewContext(
                arguments.text("topic"),
                content,
                arguments.texts("tags"),
                priority == null ? Priority.derivedFrom(content) : Priority.of(priority));
    }

    /** SHA-256 of the content in UTF-8. */
    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
