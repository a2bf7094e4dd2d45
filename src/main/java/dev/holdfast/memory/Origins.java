package dev.holdfast.memory;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which web pages may call; a name that leads here today may have led to somebody's page when it was loaded. */
record Origins(Set<String> allowed) {

    private static final Pattern ORIGIN =
            Pattern.compile("https?://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);
    private static final Set<String> THIS_HOST = Set.of("localhost", "127.0.0.1", "[::1]");

    static Origins of(List<String> allowed) {
        return new Origins(allowed.stream().map(Origins::lower).collect(Collectors.toUnmodifiableSet()));
    }

    static boolean isOrigin(String text) {
        return ORIGIN.matcher(text).matches();
    }

    /** @param origin the header's value; null for a program, which may always call */
    boolean allows(@Nullable String origin) {
        if (origin == null || allowed.contains(lower(origin))) {
            return true;
        }
        Matcher matcher = ORIGIN.matcher(origin);
        return matcher.matches() && THIS_HOST.contains(lower(matcher.group(1)));
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
