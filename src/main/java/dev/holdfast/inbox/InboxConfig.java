package dev.holdfast.inbox;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;

/** {@code holdfast.inbox.*}. */
@ConfigMapping(prefix = "holdfast.inbox")
public interface InboxConfig {

    /** The largest message, in bytes of its body; 1K to 10M. */
    @WithDefault("1M")
    MemorySize maxBody();

    /** How many deliveries a replica has under way at a time; 1 to 64, and never more than half of the pool's connections. */
    @WithDefault("2")
    int concurrency();

    /** How many messages, of one sender or of several, are delivered by one statement; 1 to 100. */
    @WithDefault("20")
    int batch();

    /** For how long a replica has a sender to itself: what it left when it died is taken up by others then; at least 2 s. */
    @WithDefault("30s")
    Duration lease();

    /** How often a message may fail before it is set aside; 1 to 100. */
    @WithDefault("8")
    int maxAttempts();

    /** The longest wait after a message's first failure; it doubles with each further one. At least 1 ms. */
    @WithDefault("1s")
    Duration retryBase();

    /** The longest wait after any failure; at least {@code retry-base}. */
    @WithDefault("5m")
    Duration retryCap();

    /** How long a delivered message is remembered, so that one sent again is not taken for a new one; at least 10 minutes. */
    @WithDefault("7d")
    Duration keepDone();

    /** How long a message that was set aside is kept; at least 1 hour. */
    @WithDefault("30d")
    Duration keepDead();

    /** How often old messages are removed; at least 1 s. */
    @WithDefault("1m")
    Duration purgeInterval();

    /** The settings that are out of range. */
    static List<BadSetting> outOfRange(InboxConfig config) {
        return finder(config).found();
    }

    private static BadSetting.Finder finder(InboxConfig config) {
        BigInteger maxBody = config.maxBody().asBigInteger();
        return new BadSetting.Finder()
                .check(
                        maxBody.compareTo(BigInteger.valueOf(1024)) >= 0
                                && maxBody.compareTo(BigInteger.valueOf(10L << 20)) <= 0,
                        "holdfast.inbox.max-body",
                        "must be between 1K and 10M.")
                .check(isIn(config.concurrency(), 64), "holdfast.inbox.concurrency", "must be from 1 to 64.")
                .check(isIn(config.batch(), 100), "holdfast.inbox.batch", "must be from 1 to 100.")
                .check(isIn(config.maxAttempts(), 100), "holdfast.inbox.max-attempts", "must be from 1 to 100.")
                .atLeast(Duration.ofSeconds(2), "2 s", config.lease(), "holdfast.inbox.lease")
                .atLeast(Duration.ofMillis(1), "1 ms", config.retryBase(), "holdfast.inbox.retry-base")
                .atLeast(config.retryBase(), "holdfast.inbox.retry-base", config.retryCap(), "holdfast.inbox.retry-cap")
                .atLeast(Duration.ofMinutes(10), "10 minutes", config.keepDone(), "holdfast.inbox.keep-done")
                .atLeast(Duration.ofHours(1), "1 hour", config.keepDead(), "holdfast.inbox.keep-dead")
                .atLeast(Duration.ofSeconds(1), "1 s", config.purgeInterval(), "holdfast.inbox.purge-interval");
    }

    private static boolean isIn(int value, int most) {
        return value >= 1 && value <= most;
    }

    /** @throws IllegalArgumentException if a setting is out of range */
    static void check(InboxConfig config) {
        finder(config).refuse();
    }
}
