package dev.holdfast.identity;

import dev.holdfast.problem.Problem;
import java.util.regex.Pattern;

/** What ids and names of this package may look like. */
public final class Names {

    private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,64}");
    private static final int LONGEST_NAME = 256;

    private Names() {}

    public static boolean isId(String id) {
        return ID.matcher(id).matches();
    }

    /** @throws Problem 400 unless {@code name} is 1 to 256 characters without control characters and lone surrogates */
    static void check(String name) {
        boolean good = !name.isBlank()
                && name.codePointCount(0, name.length()) <= LONGEST_NAME
                && name.codePoints().noneMatch(Names::isUnfit);
        if (!good) {
            throw Problem.invalid(
                    "'name' must be 1 to 256 characters, without control characters and lone surrogates.", "name");
        }
    }

    private static boolean isUnfit(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }
}
