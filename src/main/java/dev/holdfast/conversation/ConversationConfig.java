package dev.holdfast.conversation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code holdfast.conversation.*}. */
@ConfigMapping(prefix = "holdfast.conversation")
interface ConversationConfig {

    /** How often to look for what other replicas have left of deleted conversations; a replica's own are purged at once. */
    @WithDefault("10s")
    Duration purgeInterval();
}
