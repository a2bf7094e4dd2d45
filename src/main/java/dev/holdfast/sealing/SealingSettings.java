package dev.holdfast.sealing;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** What {@code holdfast.keyset} and {@code holdfast.keyset-file} set. */
@ConfigMapping(prefix = "holdfast")
public interface SealingSettings {

    /** A Tink keyset in JSON, as it is or in base64; see {@link Keyset}. */
    Optional<String> keyset();

    /** A file with one; it is read again when it changes. */
    Optional<String> keysetFile();

    /** The settings that contradict each other; what a keyset's file holds is not looked at. */
    static List<BadSetting> outOfRange(SealingSettings settings) {
        return KeysetSource.outOfRange(settings).found();
    }
}
