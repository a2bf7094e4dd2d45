package dev.holdfast.memory;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code holdfast.mcp.*}. */
@ConfigMapping(prefix = "holdfast.mcp")
public interface McpConfig {

    /**
     * A tool call's deadline, 10 ms to 1 min. An agent that waits does nothing else: under a load that fills the pool it is
     * told within a second, and may try again, instead of standing in the queue for as long as a request of the API may.
     */
    @WithDefault("900ms")
    Duration toolTimeout();

    /**
     * Origins of web pages that may call {@code /mcp}, such as {@code https://agents.example.org}, with commas between them,
     * besides those of this host. Programs send no {@code Origin}.
     */
    Optional<String> allowedOrigins();

    /** How often to look for sessions, files and archived contexts that are older than their project keeps them; at least 1 s. */
    @WithDefault("5m")
    Duration retentionInterval();

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(McpConfig config) {
        return finder(config).found();
    }

    /** As {@link #outOfRange}, to be refused. */
    static BadSetting.Finder finder(McpConfig config) {
        Duration timeout = config.toolTimeout();
        return new BadSetting.Finder()
                .check(
                        timeout.compareTo(Duration.ofMillis(10)) >= 0 && timeout.compareTo(Duration.ofMinutes(1)) <= 0,
                        "holdfast.mcp.tool-timeout",
                        "must be between 10 ms and 1 minute.")
                .check(
                        Origins.areGood(config.allowedOrigins().orElse("")),
                        "holdfast.mcp.allowed-origins",
                        "must be origins such as https://agents.example.org, without a path.")
                .atLeast(Duration.ofSeconds(1), "1 s", config.retentionInterval(), "holdfast.mcp.retention-interval");
    }
}
