package dev.holdfast.memory;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import java.util.List;

/** What topics, tags, paths and the like may be called. */
final class Names {

    static final int LONGEST_TOPIC = 200;
    static final int DEEPEST_TOPIC = 16;
    static final int LONGEST_TAG = 64;
    static final int MOST_TAGS = 16;
    static final int LONGEST_AGENT = 64;

    private static final int LONGEST_QUOTE = 64;

    private Names() {}

    /** 1 to 16 parts with slashes between them, which make the tree. */
    static String topic(String topic) {
        String[] parts = name(topic, LONGEST_TOPIC, "topic").split("/", -1);
        boolean good = parts.length <= DEEPEST_TOPIC;
        for (String part : parts) {
            good &= !part.isEmpty() && part.equals(part.strip()) && !part.equals(".") && !part.equals("..");
        }
        if (!good) {
            throw Problem.invalid(
                    "'topic' must be 1 to 16 parts with a '/' between them, none of them empty, '.' or '..'.", "topic");
        }
        return topic;
    }

    static List<String> tags(List<String> tags) {
        if (tags.size() > MOST_TAGS) {
            throw Problem.invalid("There may be at most " + MOST_TAGS + " tags.", "tags");
        }
        tags.forEach(tag -> name(tag, LONGEST_TAG, "tags"));
        return tags.stream().distinct().sorted().toList();
    }

    /** One line of readable text that begins and ends with something. */
    static String name(String name, int longest, String param) {
        boolean good = !name.isEmpty()
                && PlainText.length(name) <= longest
                && name.equals(name.strip())
                && name.codePoints().allMatch(c -> Character.isDefined(c) && !Character.isISOControl(c))
                && PlainText.isStorable(name);
        if (!good) {
            throw Problem.invalid(
                    "'%s' must be 1 to %d readable characters, without blanks round them.".formatted(param, longest),
                    param);
        }
        return name;
    }

    /** What a client sent, shortened for a message. */
    static String quoted(String sent) {
        return sent.codePointCount(0, sent.length()) <= LONGEST_QUOTE
                ? sent
                : sent.substring(0, sent.offsetByCodePoints(0, LONGEST_QUOTE)) + "...";
    }
}
