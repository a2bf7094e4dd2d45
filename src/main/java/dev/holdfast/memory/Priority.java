package dev.holdfast.memory;

import dev.holdfast.problem.Problem;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** How much a context matters. */
enum Priority {
    ALWAYS_CHECK,
    IMPORTANT,
    REFERENCE;

    private static final Pattern COMMAND = Pattern.compile("\\b(MUST|ALWAYS|NEVER)\\b");
    private static final Pattern WEIGHT =
            Pattern.compile("\\b(must|always|never|important|required)\\b", Pattern.CASE_INSENSITIVE);

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws Problem 400 if there is none of this name */
    static Priority of(String text) {
        return Arrays.stream(values())
                .filter(priority -> priority.text().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        Problem.invalid("'priority' must be 'always_check', 'important' or 'reference'.", "priority"));
    }

    /** MUST, ALWAYS and NEVER in capitals are commands; the same words in passing, IMPORTANT and REQUIRED have weight. */
    static Priority derivedFrom(String content) {
        if (COMMAND.matcher(content).find()) {
            return ALWAYS_CHECK;
        }
        return WEIGHT.matcher(content).find() ? IMPORTANT : REFERENCE;
    }
}
