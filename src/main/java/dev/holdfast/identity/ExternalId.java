package dev.holdfast.identity;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;

/** Ids that an application has for its users. They are the project's: the same one is the same user, whatever it came by. */
public final class ExternalId {

    private static final int LONGEST = 256;

    private ExternalId() {}

    /** @throws Problem 400 unless {@code id} is 1 to 256 characters, without control characters, lone surrogates and slashes */
    public static String checked(String id) {
        boolean good = !id.isBlank()
                && PlainText.length(id) <= LONGEST
                && PlainText.isStorable(id)
                && id.codePoints().noneMatch(c -> Character.isISOControl(c) || c == '/');
        if (!good) {
            throw Problem.invalid(
                    "'external_id' must be 1 to " + LONGEST
                            + " characters, without control characters, lone surrogates and slashes.",
                    "external_id");
        }
        return id;
    }
}
