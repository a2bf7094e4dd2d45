package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.Monitor;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Finds the principal of a key: the configured keys always, those of PostgreSQL from the newest snapshot. */
@ApplicationScoped
public class KeyRing {

    private static final Logger LOG = Logger.getLogger(KeyRing.class);
    private static final int SHORTEST_KEY = 16;
    private static final int LONGEST_KEY = 512;
    private static final Duration SHORTEST_AGE = Duration.ofSeconds(5);
    private static final Duration TICK = Duration.ofSeconds(2);
    private static final String CHANGES = "holdfast_keys";
    /** No rows where the mark is the one that is known. A key that expired yesterday is as good as unknown. */
    static final String SNAPSHOT = """
            select c.mark, p.id as project, k.id as key, k.hash, k.scopes,
              floor(extract(epoch from k.expires_at))::bigint as expires_at
            from key_changes c
            left join projects p on true
            left join api_keys k on k.project_id = p.id and k.revoked_at is null
              and (k.expires_at is null or k.expires_at > now() - interval '1 day')
            where c.mark is distinct from $1
            """;

    private final Map<KeySnapshot.Hash, Principal> configured = new HashMap<>();
    private final long maxAge;
    private final LongSupplier clock;
    private final InstantSource wallClock;
    private final ObjLongConsumer<Principal> used;
    private volatile @Nullable KeySnapshot snapshot;
    private Monitor.@Nullable Watch watch;
    // Only touched on the monitor's event loop.
    private @Nullable UUID mark;

    @Inject
    KeyRing(IdentityConfig config, KeyUse use) {
        this(
                config.adminKey(),
                config.apiKey(),
                config.auth().maxSnapshotAge(),
                System::nanoTime,
                InstantSource.system(),
                use::note);
    }

    /**
     * @param clock nanoseconds, as {@link System#nanoTime()}
     * @param used told whenever a stored key lets a request in, with the time in milliseconds since 1970
     */
    KeyRing(
            Optional<String> adminKey,
            Optional<String> apiKey,
            Duration maxAge,
            LongSupplier clock,
            InstantSource wallClock,
            ObjLongConsumer<Principal> used) {
        outOfRange(adminKey, apiKey, maxAge).refuse();
        this.maxAge = maxAge.toNanos();
        this.clock = clock;
        this.wallClock = wallClock;
        this.used = used;
        configure("holdfast.admin-key", text(adminKey), Principal.ADMINISTRATOR);
        configure(
                "holdfast.api-key",
                text(apiKey),
                new Principal(Principal.DEFAULT_PROJECT, "configured", false, Scope.ALL));
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

    private void configure(String property, String key, Principal principal) {
        if (key.isEmpty()) {
            return;
        }
        configured.put(KeySnapshot.Hash.of(key), principal);
        if (key.length() < Authentication.UNGUESSABLE && LaunchMode.current() == LaunchMode.NORMAL) {
            LOG.warnf(
                    "%s has fewer than %d characters: it does not work while somebody at the same address guesses keys",
                    property, Authentication.UNGUESSABLE);
        }
    }

    void watch(@Observes StartupEvent start, Monitor monitor) {
        Monitor.Watch keys = monitor.watch("identity.keys", SNAPSHOT, () -> Tuple.of(mark), this::load);
        watch = keys;
        // Every beat looks as well: behind a PgBouncer nobody is told.
        monitor.listen(CHANGES, () -> keys.refresh().subscribe().with(done -> {}, this::missed));
    }

    private void load(RowSet<Row> rows) {
        KeySnapshot before = snapshot;
        long now = clock.getAsLong();
        if (rows.size() == 0 && before != null) {
            snapshot = before.stillSo(now);
            return;
        }
        Map<KeySnapshot.Hash, KeySnapshot.Grant> keys = new HashMap<>();
        Set<String> projects = new HashSet<>();
        UUID read = null;
        for (Row row : rows) {
            read = row.getUUID("mark");
            String project = row.getString("project");
            if (project != null) {
                projects.add(project);
            }
            if (row.getString("key") != null) {
                keys.put(new KeySnapshot.Hash(row.getBuffer("hash").getBytes()), grant(row));
            }
        }
        replace(new KeySnapshot(keys, projects, now));
        mark = read;
    }

    private static KeySnapshot.Grant grant(Row row) {
        Set<Scope> scopes = Scope.stored(row.getArrayOfStrings("scopes"));
        Principal principal = new Principal(row.getString("project"), row.getString("key"), false, scopes);
        return new KeySnapshot.Grant(principal, row.getLong("expires_at"));
    }

    void replace(KeySnapshot next) {
        snapshot = next;
    }

    /**
     * What {@code key} stands for; null if nobody has it.
     *
     * @throws Problem 401 if it has expired; 503 if it can't be known, because the keys were never read or too long ago
     */
    @Nullable
    Principal find(String key) {
        if (key.length() > LONGEST_KEY) {
            return null;
        }
        KeySnapshot.Hash hash = KeySnapshot.Hash.of(key);
        Principal principal = configured.get(hash);
        return principal == null ? stored(hash) : principal;
    }

    private @Nullable Principal stored(KeySnapshot.Hash hash) {
        KeySnapshot.Grant grant = current().keys().get(hash);
        if (grant == null) {
            return null;
        }
        long now = wallClock.millis();
        if (grant.expiresAt() != null && now >= grant.expiresAt() * 1000) {
            throw Problem.unauthenticated("This API key has expired.");
        }
        used.accept(grant.principal(), now);
        return grant.principal();
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
        if (clock.getAsLong() - newest.checkedAt() > maxAge) {
            throw Problem.databaseUnavailable(
                    "PostgreSQL has been away for so long that stored API keys are no longer trusted.", TICK);
        }
        return newest;
    }

    /** Reads what has changed now, so that it works here at once; if that takes too long, the next tick will see it. */
    public Uni<Void> refresh() {
        return Objects.requireNonNull(watch, "not started").tryRefresh(this::missed);
    }

    private void missed(Throwable failure) {
        LOG.debugf(failure, "A changed key takes effect with the next tick only");
    }
}
