package dev.holdfast.conversation;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** {@code holdfast.conversation.*}. */
@ConfigMapping(prefix = "holdfast.conversation")
public interface ConversationConfig {

    /** How often to look for what other replicas have left of deleted conversations; a replica's own are purged at once. */
    @WithDefault("10s")
    Duration purgeInterval();

    /** How often to look for conversations that have expired, or are older than their project keeps them; at least 1 s. */
    @WithDefault("5m")
    Duration retentionInterval();

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(ConversationConfig config) {
        return Purger.outOfRange(config).found();
    }
}
