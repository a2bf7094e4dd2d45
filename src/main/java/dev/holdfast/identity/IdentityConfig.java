package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code holdfast.admin-key}, {@code holdfast.api-key} and {@code holdfast.auth.*} set; checked by {@link KeyRing}. */
@ConfigMapping(prefix = "holdfast")
public interface IdentityConfig {

    /** An admin key that always works; at least 16 characters. */
    Optional<String> adminKey();

    /** A key of the project {@code default} that always works; at least 16 characters. */
    Optional<String> apiKey();

    Auth auth();

    /** What {@code holdfast.auth.*} sets. */
    interface Auth {

        /** How long keys stored in PostgreSQL go on working while they can't be read again; at least 5 s. */
        @WithDefault("1h")
        Duration maxSnapshotAge();

        /** How often it is written when keys were last used; at least 1 minute. */
        @WithDefault("1m")
        Duration lastUsedInterval();

        /** How many failed attempts to authenticate a client's address has in a minute; 1 to 1,000,000. */
        @WithDefault("20")
        int maxFailures();
    }

    /** The settings that are out of range, and keys that can't be told apart. */
    static List<BadSetting> outOfRange(IdentityConfig config) {
        BadSetting.Finder finder = KeyRing.outOfRange(
                config.adminKey(), config.apiKey(), config.auth().maxSnapshotAge());
        KeyUse.outOfRange(finder, config.auth().lastUsedInterval());
        FailedAttempts.outOfRange(finder, config.auth().maxFailures());
        return finder.found();
    }
}
