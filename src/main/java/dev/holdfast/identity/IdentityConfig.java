package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code holdfast.admin-key}, {@code holdfast.api-key}, {@code holdfast.auth.*} and {@code holdfast.admin-page.*} set. */
@ConfigMapping(prefix = "holdfast")
public interface IdentityConfig {

    /** An admin key that always works; at least 16 characters. */
    Optional<String> adminKey();

    /** A key of the project {@code default} that always works; at least 16 characters. */
    Optional<String> apiKey();

    Auth auth();

    AdminPage adminPage();

    /** What {@code holdfast.admin-page.*} sets. */
    interface AdminPage {

        /** Whether there is a page at {@code /admin/} at all. */
        @WithDefault("true")
        boolean enabled();

        /** After how long without a page being opened a log-in ends; 1 minute to 12 hours. */
        @WithDefault("30m")
        Duration session();
    }

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
        AdminSessions.outOfRange(finder, config.adminPage().session());
        return finder.found();
    }
}
