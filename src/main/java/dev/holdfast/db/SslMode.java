package dev.holdfast.db;

import java.util.Arrays;
import java.util.Optional;

/**
 * libpq's {@code sslmode}, with libpq's meaning. Where a root certificate is given, whatever is encrypted is verified
 * against it as by {@link #VERIFY_CA}.
 */
public enum SslMode {
    /** Never encrypted. */
    DISABLE("disable"),
    /** In plaintext; encrypted where the server refuses that. */
    ALLOW("allow"),
    /** Encrypted; in plaintext where the server refuses that, or its certificate fails. */
    PREFER("prefer"),
    /** Encrypted. */
    REQUIRE("require"),
    /** Encrypted, the certificate signed by a trusted root. */
    VERIFY_CA("verify-ca"),
    /** As {@link #VERIFY_CA}, and the certificate names the host. */
    VERIFY_FULL("verify-full");

    static final String VALUES = "disable, allow, prefer, require, verify-ca or verify-full";

    private final String value;

    SslMode(String value) {
        this.value = value;
    }

    /** As it is written in a connection URI. */
    public String value() {
        return value;
    }

    public static Optional<SslMode> of(String value) {
        return Arrays.stream(values()).filter(m -> m.value.equals(value)).findFirst();
    }
}
