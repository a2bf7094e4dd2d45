package dev.holdfast.identity;

/**
 * What a key stands for.
 *
 * @param project where {@code /v1} works; for an admin key the project it acts for
 * @param keyId for logs and shares; never the key
 */
record Principal(String project, String keyId, boolean admin) {

    static final String DEFAULT_PROJECT = "default";

    Principal in(String other) {
        return new Principal(other, keyId, admin);
    }
}
