package dev.holdfast.cli.verify;

import org.jspecify.annotations.Nullable;

/**
 * One thing that was found. No text has any part of a password or key in it.
 *
 * @param check the check's name, which stays the same from release to release
 * @param key what it is about: an environment variable, a parameter as in {@code DATABASE_URL?sslmode}, or a word such as
 *     {@code server}
 * @param why to be said after the key
 * @param mend what to do, without a full stop; empty where there is nothing to do
 */
record Finding(String check, String key, Severity severity, String why, String mend) {

    /** A sentence from elsewhere, to be followed by another text. */
    static String withoutStop(@Nullable String sentence) {
        return String.valueOf(sentence).replaceFirst("\\.$", "");
    }

    /** In one line, as start-up says it. */
    String line() {
        return key + " " + why + (mend.isEmpty() ? "" : "; " + mend);
    }
}
