package dev.holdfast.llmconfig;

import static org.awaitility.Awaitility.await;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import java.security.GeneralSecurityException;

/** Keysets that no command makes. */
final class Keysets {

    private Keysets() {}

    /** Has a service use another keyset, or none for null; when this has returned, all that it lists is by that. */
    static void use(Sealing sealing, ConfigCache cache, Keyset keyset) {
        ConfigSnapshot before = cache.required().snapshot();
        sealing.use(keyset);
        await().until(() -> cache.required().snapshot() != before);
    }

    /** The same keys, of which the one with this number is the primary one. */
    static String withPrimary(String keyset, long id) {
        try {
            KeysetHandle handle = TinkJsonProtoKeysetFormat.parseKeyset(keyset, InsecureSecretKeyAccess.get());
            KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
            for (int i = 0; i < handle.size(); i++) {
                if (Integer.toUnsignedLong(handle.getAt(i).getId()) == id) {
                    builder.getAt(i).makePrimary();
                }
            }
            return TinkJsonProtoKeysetFormat.serializeKeyset(builder.build(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
