package dev.holdfast.sealing;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import java.security.GeneralSecurityException;

/** Keysets as they are edited by hand. */
public final class EditedKeysets {

    private EditedKeysets() {}

    /** The same keys but for the one with this number. */
    public static String without(String keyset, long id) {
        try {
            KeysetHandle handle = TinkJsonProtoKeysetFormat.parseKeyset(keyset, InsecureSecretKeyAccess.get());
            KeysetHandle.Builder builder = KeysetHandle.newBuilder();
            for (int i = 0; i < handle.size(); i++) {
                KeysetHandle.Entry entry = handle.getAt(i);
                if (Integer.toUnsignedLong(entry.getId()) != id) {
                    KeysetHandle.Builder.Entry kept =
                            KeysetHandle.importKey(entry.getKey()).withFixedId(entry.getId());
                    builder.addEntry(entry.isPrimary() ? kept.makePrimary() : kept);
                }
            }
            return TinkJsonProtoKeysetFormat.serializeKeyset(builder.build(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The same keys, of which the one with this number is the primary one. */
    public static String withPrimary(String keyset, long id) {
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
