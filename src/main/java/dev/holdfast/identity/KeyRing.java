package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.Monitor;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Finds the principal of a key: the configured keys always, those of PostgreSQL from the newest snapshot. */
@ApplicationScoped
class KeyRing {

    private static final Logger LOG = Logger.getLogger(KeyRing.class);
    private static final int SHORTEST_KEY = 16;
    private static final int LONGEST_KEY = 512;
    private static final Duration SHORTEST_AGE = Duration.ofSeconds(5);
    private static final Duration TICK = Duration.ofSeconds(2);
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(1);
    private static final String SNAPSHOT = """
            select p.id as project, k.id as key, k.hash
            from projects p
            left join api_keys k on k.project_id = p.id and k.revoked_at is null
            """;

    private final Map<KeySnapshot.Hash, Principal> configured = new HashMap<>();
    private final long maxAge;
    private final LongSupplier clock;
    private volatile @Nullable KeySnapshot snapshot;

    @Inject
    KeyRing(IdentityConfig config) {
        this(config.adminKey(), config.apiKey(), config.auth().maxSnapshotAge(), System::nanoTime);
    }

    /** @param clock nanoseconds, as {@link System#nanoTime()} */
    KeyRing(Optional<String> adminKey, Optional<String> apiKey, Duration maxAge, LongSupplier clock) {
        outOfRange(adminKey, apiKey, maxAge).refuse();
        this.maxAge = maxAge.toNanos();
        this.clock = clock;
        configure(adminKey, new Principal(Principal.DEFAULT_PROJECT, "configured-admin", true));
        configure(apiKey, new Principal(Principal.DEFAULT_PROJECT, "configured", false));
    }

    /** What is wrong with these settings. */
    static BadSetting.Finder outOfRange(Optional<String> adminKey, Optional<String> apiKey, Duration maxAge) {
        String length = "must have " + SHORTEST_KEY + " to " + LONGEST_KEY + " characters.";
        return new BadSetting.Finder()
                .atLeast(SHORTEST_AGE, "5 s", maxAge, "holdfast.auth.max-snapshot-age")
                .check(hasGoodLength(text(adminKey)), "holdfast.admin-key (HOLDFAST_ADMIN_KEY)", length)
                .check(hasGoodLength(text(apiKey)), "holdfast.api-key (HOLDFAST_API_KEY)", length)
                .check(
                        text(adminKey).isEmpty() || !text(adminKey).equals(text(apiKey)),
                        "holdfast.api-key (HOLDFAST_API_KEY)",
                        "must differ from holdfast.admin-key (HOLDFAST_ADMIN_KEY).");
    }

    private static boolean hasGoodLength(String key) {
        return key.isEmpty() || key.length() >= SHORTEST_KEY && key.length() <= LONGEST_KEY;
    }

    private static String text(Optional<String> key) {
        return key.map(String::strip).orElse("");
    }

    private void configure(Optional<String> key, Principal principal) {
        if (!text(key).isEmpty()) {
            configured.put(KeySnapshot.Hash.of(text(key)), principal);
        }
    }

    void watch(@Observes StartupEvent start, Monitor monitor) {
        monitor.watch("identity.keys", SNAPSHOT, this::load);
    }

    private void load(RowSet<Row> rows) {
        Map<KeySnapshot.Hash, Principal> keys = new HashMap<>();
        Set<String> projects = new HashSet<>();
        for (Row row : rows) {
            String project = row.getString("project");
            projects.add(project);
            String key = row.getString("key");
            if (key != null) {
                keys.put(new KeySnapshot.Hash(row.getBuffer("hash").getBytes()), new Principal(project, key, false));
            }
        }
        replace(new KeySnapshot(keys, projects, clock.getAsLong()));
    }

    void replace(KeySnapshot next) {
        snapshot = next;
    }

    /**
     * What {@code key} stands for.
     *
     * @throws Problem 401 if nobody has it; 503 if that can't be known, because the keys were never read or too long ago
     */
    Principal find(String key) {
        if (key.length() > LONGEST_KEY) {
            throw unknown();
        }
        KeySnapshot.Hash hash = KeySnapshot.Hash.of(key);
        Principal principal = configured.get(hash);
        if (principal == null) {
            principal = current().keys().get(hash);
        }
        if (principal == null) {
            throw unknown();
        }
        return principal;
    }

    /**
     * Whether there is such a project.
     *
     * @throws Problem 503 if that can't be known
     */
    boolean hasProject(String project) {
        return project.equals(Principal.DEFAULT_PROJECT) || current().projects().contains(project);
    }

    private KeySnapshot current() {
        KeySnapshot newest = snapshot;
        if (newest == null) {
            throw Problem.databaseUnavailable("API keys and projects have not been read from PostgreSQL yet.", TICK);
        }
        if (clock.getAsLong() - newest.loadedAt() > maxAge) {
            throw Problem.databaseUnavailable(
                    "PostgreSQL has been away for so long that stored API keys are no longer trusted.", TICK);
        }
        return newest;
    }

    private static Problem unknown() {
        return Problem.unauthenticated("This API key is unknown or was revoked.");
    }

    /** Reads all keys now, so that a change works here at once; if that takes too long, the next tick will see it. */
    static Uni<Void> refresh(Monitor monitor) {
        return monitor.refresh()
                .ifNoItem()
                .after(REFRESH_LIMIT)
                .fail()
                .onFailure()
                .invoke(e -> LOG.debugf(e, "A changed key takes effect with the next tick only"))
                .onFailure()
                .recoverWithNull();
    }
}
