package dev.holdfast.llmconfig;

import dev.holdfast.problem.Problem;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Seals providers' keys and opens them again, each bound to its config: what is copied to another row stays shut. */
@Singleton
class Sealing {

    private final List<Runnable> told = new CopyOnWriteArrayList<>();
    private volatile @Nullable Keyset keyset;

    /** From now on; null for none. */
    void use(@Nullable Keyset next) {
        keyset = next;
        told.forEach(Runnable::run);
    }

    /** Has {@code change} run whenever another keyset is used. */
    void onChange(Runnable change) {
        told.add(change);
    }

    /** @throws Problem 409 where there is no keyset */
    Keyset required() {
        Keyset current = keyset;
        if (current == null) {
            throw Problem.conflict(
                    "Provider keys can't be stored: this deployment has no keyset to seal them with. Set HOLDFAST_KEYSET or"
                            + " HOLDFAST_KEYSET_FILE.",
                    "api_key");
        }
        return current;
    }

    /**
     * Seals with the primary key.
     *
     * @param config the id of the config whose key it is
     * @throws Problem 409 where there is no keyset
     */
    byte[] seal(String config, String secret) {
        return seal(required(), config, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** What the primary key of {@code with} makes of a sealed text; empty if it can't be opened. */
    Optional<byte[]> reseal(Keyset with, String config, byte[] sealed) {
        return opened(with, config, sealed).map(secret -> seal(with, config, secret));
    }

    /** The secret; empty if no key of the keyset opens it. */
    Optional<String> open(String config, byte[] sealed) {
        return opened(keyset, config, sealed).map(secret -> new String(secret, StandardCharsets.UTF_8));
    }

    KeyState state(String config, byte @Nullable [] sealed) {
        if (sealed == null) {
            return KeyState.NONE;
        }
        Optional<byte[]> secret = opened(keyset, config, sealed);
        secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        return secret.isPresent() ? KeyState.SEALED : KeyState.UNDECRYPTABLE;
    }

    private static byte[] seal(Keyset with, String config, byte[] secret) {
        try {
            return with.aead().encrypt(secret, associated(config));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key could not be sealed", e);
        }
    }

    private static Optional<byte[]> opened(@Nullable Keyset with, String config, byte[] sealed) {
        if (with == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(with.aead().decrypt(sealed, associated(config)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static byte[] associated(String config) {
        return config.getBytes(StandardCharsets.UTF_8);
    }
}
