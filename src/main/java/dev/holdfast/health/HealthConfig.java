package dev.holdfast.health;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code holdfast.health.*}. */
@ConfigMapping(prefix = "holdfast.health")
public interface HealthConfig {

    /** How long PostgreSQL may be away before this replica is not ready. */
    @WithDefault("5s")
    Duration grace();

    /** Whether a full pool makes this replica not ready; its load then moves to the others. */
    @WithDefault("false")
    boolean saturationDown();
}
