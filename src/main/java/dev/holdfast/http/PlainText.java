package dev.holdfast.http;

import org.jspecify.annotations.Nullable;

/** What may leave its JSON escapes behind: PostgreSQL's text and the answer's UTF-8 hold neither U+0000 nor half a pair. */
public final class PlainText {

    private static final int MAX_NAME_IN_PARAM = 64;

    private PlainText() {}

    /** Whether the text is free of U+0000 and of surrogates without their other half. */
    public static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** The number of characters as people count them: a surrogate pair is one. */
    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The {@code param} of a problem with a client's field, less the name where that can't or shouldn't be sent back. */
    public static @Nullable String param(@Nullable String parent, String name) {
        if (name.length() > MAX_NAME_IN_PARAM || !isStorable(name)) {
            return parent;
        }
        return parent == null ? name : parent + "." + name;
    }
}
