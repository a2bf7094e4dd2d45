package dev.holdfast.identity;

import java.util.Set;

/**
 * What a key stands for.
 *
 * @param project where {@code /v1} works; for an admin key the project it acts for
 * @param keyId for logs and shares; never the key
 * @param scopes what it may be used for
 */
record Principal(String project, String keyId, boolean admin, Set<Scope> scopes) {

    static final String DEFAULT_PROJECT = "default";

    /** Whoever has the configured admin key. */
    static final Principal ADMINISTRATOR = new Principal(DEFAULT_PROJECT, "configured-admin", true, Scope.ALL);

    Principal {
        scopes = Set.copyOf(scopes);
    }

    Principal in(String other) {
        return new Principal(other, keyId, admin, scopes);
    }
}
