package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.holdfast.problem.Problem;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A part of the API that a project's key may be kept to. */
public enum Scope {
    CONVERSATIONS,
    MODELS,
    MCP,
    INBOX;

    static final Set<Scope> ALL = Set.of(values());
    private static final String NAMES = Arrays.stream(values()).map(Scope::text).collect(Collectors.joining(", "));

    /** Which scope the paths under each of these need; the longest that fits decides. */
    private static final Map<String, Scope> ROOTS = Map.of(
            "/v1", CONVERSATIONS,
            "/v1/models", MODELS,
            "/mcp", MCP,
            "/v1/inbox", INBOX);

    /** The scope that a path needs; null where no project's key is of use. */
    static @Nullable Scope of(String path) {
        return ROOTS.entrySet().stream()
                .filter(root -> isUnder(path, root.getKey()))
                .max(Comparator.comparingInt(root -> root.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    /** Whether {@code path} is {@code root} or stands under it. */
    static boolean isUnder(String path, String root) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/');
    }

    /**
     * What a client asks for.
     *
     * @throws Problem 400 unless the names are known, and each comes once
     */
    public static Set<Scope> parse(List<String> names) {
        Set<Scope> scopes = named(names);
        if (scopes.isEmpty() || scopes.size() < names.size()) {
            throw Problem.invalid("'scopes' must be one or more of " + NAMES + ", each once.", "scopes");
        }
        return scopes;
    }

    /** @param names as in PostgreSQL; null for all. One that a later release has added grants nothing here */
    static Set<Scope> stored(String @Nullable [] names) {
        return names == null ? ALL : named(List.of(names));
    }

    static String[] texts(Set<Scope> scopes) {
        return scopes.stream().map(Scope::text).toArray(String[]::new);
    }

    private static Set<Scope> named(List<String> names) {
        return Arrays.stream(values())
                .filter(scope -> names.contains(scope.text()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
