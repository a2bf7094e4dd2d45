package dev.holdfast.sealing;

import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Seals secrets and opens them again, each bound to its row: what is copied to another row stays shut. */
@Singleton
public class Sealing {

    private final List<Runnable> told = new CopyOnWriteArrayList<>();
    private volatile @Nullable Keyset keyset;
    private volatile @Nullable Supplier<Uni<Keyset>> look;

    /** From now on; null for none. */
    public void use(@Nullable Keyset next) {
        keyset = next;
        told.forEach(Runnable::run);
    }

    /** Has {@code change} run whenever another keyset is used. */
    public void onChange(Runnable change) {
        told.add(change);
    }

    /**
     * The keyset to seal with.
     *
     * @param param the field that brings a secret
     * @throws Problem 409 where there is no keyset
     */
    public Keyset required(String param) {
        Keyset current = keyset;
        if (current == null) {
            throw Problem.conflict(
                    "Secrets can't be stored: this deployment has no keyset to seal them with. Set HOLDFAST_KEYSET or"
                            + " HOLDFAST_KEYSET_FILE.",
                    param);
        }
        return current;
    }

    /**
     * Has {@code next} look whether the keyset in use is anywhere but in memory, before anything is sealed anew. It brings what
     * is there, and fails with an {@link IllegalArgumentException} if that lacks any of what is in use. Null where there is
     * nothing to look at.
     */
    void keptWhere(@Nullable Supplier<Uni<Keyset>> next) {
        look = next;
    }

    /**
     * The keyset to seal anew with. One that is in memory alone won't do: a restart would lose all that it has sealed. Fails
     * with a 409 then, and where there is no keyset.
     *
     * @param param the field that brings a secret
     */
    public Uni<Keyset> kept(String param) {
        Keyset current = required(param);
        Supplier<Uni<Keyset>> where = look;
        return where == null
                ? Uni.createFrom().item(current)
                : where.get()
                        .onFailure(IllegalArgumentException.class)
                        .transform(e -> Problem.conflict("Nothing was sealed anew. " + e.getMessage(), param));
    }

    /**
     * Seals with the primary key.
     *
     * @param row the id of the row that it is for
     * @param param the field that brings the secret
     * @throws Problem 409 where there is no keyset
     */
    public byte[] seal(String row, String secret, String param) {
        return seal(required(param), row, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** What the primary key of {@code with} makes of a sealed text; empty if it can't be opened. */
    public Optional<byte[]> reseal(Keyset with, String row, byte[] sealed) {
        return opened(with, row, sealed).map(secret -> seal(with, row, secret));
    }

    /** The secret; empty if no key of the keyset opens it. */
    public Optional<String> open(String row, byte[] sealed) {
        return opened(keyset, row, sealed).map(secret -> new String(secret, StandardCharsets.UTF_8));
    }

    /** Whether a key of the keyset opens it. */
    public boolean opens(String row, byte[] sealed) {
        Optional<byte[]> secret = opened(keyset, row, sealed);
        secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        return secret.isPresent();
    }

    private static byte[] seal(Keyset with, String row, byte[] secret) {
        try {
            return with.aead().encrypt(secret, associated(row));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A secret could not be sealed", e);
        }
    }

    private static Optional<byte[]> opened(@Nullable Keyset with, String row, byte[] sealed) {
        if (with == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(with.aead().decrypt(sealed, associated(row)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static byte[] associated(String row) {
        return row.getBytes(StandardCharsets.UTF_8);
    }
}
