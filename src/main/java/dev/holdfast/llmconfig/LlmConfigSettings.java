package dev.holdfast.llmconfig;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code holdfast.keyset}, {@code holdfast.keyset-file} and {@code holdfast.models.*} set. */
@ConfigMapping(prefix = "holdfast")
public interface LlmConfigSettings {

    /** A Tink keyset in JSON, as it is or in base64; see {@link Keyset}. */
    Optional<String> keyset();

    /** A file with one; it is read again when it changes. */
    Optional<String> keysetFile();

    Models models();

    /** What {@code holdfast.models.*} sets. */
    interface Models {

        /** How long configs go on being served while they can't be read again; at least 5 s. */
        @WithDefault("1h")
        Duration maxSnapshotAge();
    }

    /** The settings that are out of range or contradict each other; what a keyset's file holds is not looked at. */
    static List<BadSetting> outOfRange(LlmConfigSettings settings) {
        BadSetting.Finder finder = new BadSetting.Finder();
        ConfigCache.outOfRange(finder, settings.models().maxSnapshotAge());
        KeysetSource.outOfRange(finder, settings);
        return finder.found();
    }
}
