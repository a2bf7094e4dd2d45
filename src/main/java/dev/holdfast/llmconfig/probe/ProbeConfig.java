package dev.holdfast.llmconfig.probe;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** What {@code holdfast.provider-test.*} sets; {@link ProbeLimits} says which values are allowed. */
@ConfigMapping(prefix = "holdfast.provider-test")
public interface ProbeConfig {

    /** The longest that one attempt may take, from the connection to the end of the answer. */
    @WithDefault("5s")
    Duration attemptTimeout();

    /** The longest that a test may take with all its attempts. */
    @WithDefault("15s")
    Duration timeout();

    /** How much of an answer is read. */
    @WithDefault("256K")
    MemorySize maxResponse();

    /** Most tests at a time. */
    @WithDefault("4")
    int maxConcurrent();

    /** Whether providers may have addresses of private networks; never those of metadata services. */
    @WithDefault("false")
    boolean allowPrivate();

    /** Whether providers may run on this host. */
    @WithDefault("false")
    boolean allowLoopback();

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(ProbeConfig config) {
        return ProbeLimits.outOfRange(config).found();
    }
}
