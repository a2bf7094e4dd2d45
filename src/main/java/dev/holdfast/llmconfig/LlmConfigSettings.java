package dev.holdfast.llmconfig;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** What {@code holdfast.models.*} sets. */
@ConfigMapping(prefix = "holdfast")
public interface LlmConfigSettings {

    Models models();

    /** What {@code holdfast.models.*} sets. */
    interface Models {

        /** How long configs go on being served while they can't be read again; at least 5 s. */
        @WithDefault("1h")
        Duration maxSnapshotAge();
    }

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(LlmConfigSettings settings) {
        BadSetting.Finder finder = new BadSetting.Finder();
        ConfigCache.outOfRange(finder, settings.models().maxSnapshotAge());
        return finder.found();
    }
}
