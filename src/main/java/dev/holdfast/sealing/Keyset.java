package dev.holdfast.sealing;

import static java.util.stream.Collectors.toSet;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What secrets are sealed with: a Tink keyset in its JSON form, not encrypted itself. The primary key seals; all of them
 * open.
 *
 * @param prefix what everything begins with that the primary key has sealed
 * @param primaryId the primary key's number
 * @param ids the numbers of all keys that open
 */
public record Keyset(Aead aead, byte[] prefix, long primaryId, Set<Long> ids) {

    private static final byte[] PROBE = {};

    private static final int KEY_BYTES = 32;

    static {
        try {
            AeadConfig.register();
        } catch (GeneralSecurityException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public Keyset {
        ids = Set.copyOf(ids);
    }

    /**
     * Reads one.
     *
     * @param text the keyset's JSON, in base64 or not
     * @throws IllegalArgumentException if it is none, or its primary key is not one for AES-256-GCM with Tink's prefix; the
     *     message has nothing of it
     */
    public static Keyset parse(String text) {
        KeysetHandle handle = handle(text);
        boolean fit = handle.getPrimary().getKey() instanceof AesGcmKey key
                && key.getParameters().getKeySizeBytes() == KEY_BYTES
                && key.getParameters().getVariant() == AesGcmParameters.Variant.TINK;
        if (!fit) {
            throw new IllegalArgumentException(
                    "The keyset's primary key must be one for AES-256-GCM of the variant TINK.");
        }
        try {
            return new Keyset(
                    handle.getPrimitive(RegistryConfiguration.get(), Aead.class),
                    ((AesGcmKey) handle.getPrimary().getKey()).getOutputPrefix().toByteArray(),
                    Integer.toUnsignedLong(handle.getPrimary().getId()),
                    ids(handle));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("The keyset has a key that can't be used for sealing.");
        }
    }

    private static Set<Long> ids(KeysetHandle handle) {
        return IntStream.range(0, handle.size())
                .mapToObj(handle::getAt)
                .filter(key -> key.getStatus() == KeyStatus.ENABLED)
                .map(key -> Integer.toUnsignedLong(key.getId()))
                .collect(toSet());
    }

    /**
     * The numbers of another's keys that this has not. Of the other's primary key not only the number counts: what it seals
     * must open.
     */
    public SortedSet<Long> lacks(Keyset other) {
        SortedSet<Long> missing = new TreeSet<>(other.ids);
        missing.removeAll(ids);
        if (!opensWhatIsSealedBy(other)) {
            missing.add(other.primaryId);
        }
        return missing;
    }

    private boolean opensWhatIsSealedBy(Keyset other) {
        try {
            aead.decrypt(other.aead.encrypt(PROBE, PROBE), PROBE);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The JSON of a new keyset with one key. */
    public static String generate() {
        return json(KeysetHandle.newBuilder().addEntry(newPrimary()));
    }

    /**
     * The JSON of a keyset with the keys of another and a new primary one.
     *
     * @throws IllegalArgumentException if {@code text} is no keyset
     */
    public static String rotate(String text) {
        return json(KeysetHandle.newBuilder(handle(text)).addEntry(newPrimary()));
    }

    private static KeysetHandle.Builder.Entry newPrimary() {
        return KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                .withRandomId()
                .makePrimary();
    }

    private static String json(KeysetHandle.Builder keyset) {
        try {
            return TinkJsonProtoKeysetFormat.serializeKeyset(keyset.build(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A keyset could not be made", e);
        }
    }

    // Tink's own failures may quote what they could not read: they are not passed on.
    private static KeysetHandle handle(String text) {
        try {
            String json = text.strip();
            if (!json.startsWith("{")) {
                json = new String(Base64.getMimeDecoder().decode(json), StandardCharsets.UTF_8);
            }
            return TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException("This is not a Tink keyset in JSON, as it is or in base64.");
        }
    }
}
