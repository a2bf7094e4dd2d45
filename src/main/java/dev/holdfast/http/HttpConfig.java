package dev.holdfast.http;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code holdfast.http.*} sets; {@link HttpLimits} says which values are allowed. */
@ConfigMapping(prefix = "holdfast.http")
public interface HttpConfig {

    /** A request's deadline unless its own header asks for an earlier one. A bare number is seconds. */
    @WithDefault("30s")
    Duration requestTimeout();

    /** How often answers that were kept for more than 24 hours, for repeated requests, are removed; at least 1 s. */
    @WithDefault("1m")
    Duration idempotencyPurgeInterval();

    /**
     * Most bytes of bodies and answers that are held at the same time, half of them for one project; an eighth of the heap
     * unless set, and never less than twice {@code max-body}.
     */
    Optional<MemorySize> maxHeldBytes();

    /** The largest request body that is accepted, such as {@code 10M}. */
    @WithDefault("10M")
    MemorySize maxBody();

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(HttpConfig config) {
        return HttpLimits.outOfRange(config).found();
    }
}
