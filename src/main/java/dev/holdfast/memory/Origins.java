package dev.holdfast.memory;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which web pages may call; a name that leads here today may have led to somebody's page when it was loaded. */
record Origins(Set<String> allowed) {

    private static final Pattern ORIGIN =
            Pattern.compile("https?://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);
    private static final Set<String> THIS_HOST = Set.of("localhost", "127.0.0.1", "[::1]");

    /** @param allowed with commas between them */
    static Origins of(String allowed) {
        return new Origins(split(allowed).map(Origins::lower).collect(Collectors.toUnmodifiableSet()));
    }

    static boolean areGood(String allowed) {
        return split(allowed).allMatch(origin -> ORIGIN.matcher(origin).matches());
    }

    private static Stream<String> split(String allowed) {
        return Arrays.stream(allowed.split(",")).map(String::strip).filter(origin -> !origin.isEmpty());
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
