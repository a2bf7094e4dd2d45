package dev.holdfast.memory;

import dev.holdfast.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A version of a topic, written {@code 1.0}, {@code 1.1} and so on.
 *
 * @param seq from 0
 */
record Version(int seq) {

    static final String LATEST = "latest";
    static final String ALL = "all";
    private static final String PARAM = "version";

    /**
     * @param word what may stand for something else than one version
     * @return null for the word
     * @throws Problem 400 if it is neither
     */
    static @Nullable Version of(String text, String word) {
        if (text.equals(word)) {
            return null;
        }
        if (!text.matches("1\\.(0|[1-9][0-9]{0,8})")) {
            throw Problem.invalid("'version' must be such as '1.0', or '" + word + "'.", PARAM);
        }
        return new Version(Integer.parseInt(text.substring(2)));
    }

    String text() {
        return text(seq);
    }

    static String text(int seq) {
        return "1." + seq;
    }
}
