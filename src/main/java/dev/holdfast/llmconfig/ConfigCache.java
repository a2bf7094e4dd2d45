package dev.holdfast.llmconfig;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.DbConfig;
import dev.holdfast.db.Monitor;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Sealing;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest {@link ConfigSnapshot}. It follows PostgreSQL by change numbers, page by page, on the monitor's connection:
 * when told of a change ({@code NOTIFY}), at every beat of the monitor, and when a write of this replica wants to read itself.
 * A server that was started since, which may be another one, has everything read anew.
 */
@Singleton
public class ConfigCache {

    private static final Logger LOG = Logger.getLogger(ConfigCache.class);
    private static final String CHANNEL = "holdfast_llm_configs";
    private static final Duration SHORTEST_AGE = Duration.ofSeconds(5);
    private static final Duration BEAT_MAY_BE_LATE = Duration.ofSeconds(1);
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final long NOTHING = -1;

    /** Rows of one answer; with the largest configs some 15 MB. */
    static final int PAGE = 200;

    // No row where nothing has changed. Deletions count from the moment on at which everything was last read.
    // OFFSET 0 keeps the planner from any join but a look-up for each row.
    static final String CHANGES = """
            SELECT s.latest, pg_postmaster_start_time() AS server, f.change_no, f.config_id, %s
            FROM llm_config_changes s
            LEFT JOIN LATERAL (
                SELECT change_no, config_id FROM (
                    (SELECT change_no, id AS config_id FROM llm_configs
                     WHERE change_no > $1 ORDER BY change_no LIMIT %d)
                    UNION ALL
                    (SELECT change_no, config_id FROM llm_config_history
                     WHERE action = 'deleted' AND change_no > greatest($1, $2) ORDER BY change_no LIMIT %2$d)) u
                ORDER BY change_no LIMIT %2$d) f ON true
            LEFT JOIN LATERAL (SELECT * FROM llm_configs WHERE id = f.config_id OFFSET 0) c ON true
            WHERE s.latest <> $1 OR pg_postmaster_start_time() IS DISTINCT FROM $3
            ORDER BY f.change_no
            """.formatted(ConfigRows.COLUMNS, PAGE);

    private final Monitor monitor;
    private final Sealing sealing;
    private final long maxAge;
    private final long freshFor;
    private final LongSupplier clock;
    private Monitor.@Nullable Watch watch;
    private volatile @Nullable Loaded loaded;
    private volatile boolean anew = true;
    private volatile boolean behind;

    // Only touched on the monitor's event loop.
    private final TreeMap<String, LlmConfig> configs = new TreeMap<>();
    private long known;
    private long deletionsFrom;
    private @Nullable OffsetDateTime server;

    private record Loaded(ConfigSnapshot snapshot, long confirmedAt) {}

    @Inject
    ConfigCache(Monitor monitor, DbConfig db, Sealing sealing, LlmConfigSettings settings) {
        this(monitor, db.monitorInterval(), sealing, settings.models().maxSnapshotAge(), System::nanoTime);
    }

    static BadSetting.Finder outOfRange(BadSetting.Finder finder, Duration maxAge) {
        return finder.atLeast(SHORTEST_AGE, "5 s", maxAge, "holdfast.models.max-snapshot-age");
    }

    /** @param clock nanoseconds, as {@link System#nanoTime()} */
    ConfigCache(Monitor monitor, Duration beat, Sealing sealing, Duration maxAge, LongSupplier clock) {
        outOfRange(new BadSetting.Finder(), maxAge).refuse();
        this.monitor = monitor;
        this.sealing = sealing;
        this.maxAge = maxAge.toNanos();
        this.freshFor = beat.plus(BEAT_MAY_BE_LATE).toNanos();
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        watch = monitor.watch("llm-configs", CHANGES, this::known, this::read);
        monitor.listen(CHANNEL, this::readSoon);
        sealing.onChange(this::readAnew);
    }

    /**
     * What is known now.
     *
     * @param age in whole seconds; empty while PostgreSQL is there and the snapshot is confirmed at every beat
     */
    public record View(ConfigSnapshot snapshot, OptionalLong age) {

        public boolean fresh() {
            return age.isEmpty();
        }
    }

    /** Empty if nothing was ever read, or it is too old to be trusted. */
    public Optional<View> view() {
        Loaded newest = loaded;
        if (newest == null) {
            return Optional.empty();
        }
        long age = clock.getAsLong() - newest.confirmedAt;
        if (age > maxAge) {
            return Optional.empty();
        }
        boolean fresh = age <= freshFor && monitor.state().state() == DatabaseState.State.OK;
        return Optional.of(new View(
                newest.snapshot, fresh ? OptionalLong.empty() : OptionalLong.of(TimeUnit.NANOSECONDS.toSeconds(age))));
    }

    /** @throws Problem 503 if nothing was ever read, or it is too old to be trusted */
    public View required() {
        return view().orElseThrow(() -> Problem.databaseUnavailable(
                loaded == null
                        ? "LLM configs have not been read from PostgreSQL yet."
                        : "PostgreSQL has been away for so long that what is known of LLM configs is no longer trusted.",
                SOON));
    }

    /** Reads what has changed, so that a write is seen here at once; if that takes too long, the next beat sees it. */
    Uni<Void> refresh() {
        return caughtUp()
                .ifNoItem()
                .after(REFRESH_LIMIT)
                .fail()
                .onFailure()
                .invoke(e -> LOG.debugf("A changed LLM config is seen with the next beat only: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> caughtUp() {
        return Objects.requireNonNull(watch, "not started")
                .refresh()
                .flatMap(round -> behind ? caughtUp() : Uni.createFrom().voidItem());
    }

    private void readSoon() {
        refresh().subscribe().with(done -> {});
    }

    private void readAnew() {
        anew = true;
        behind = true;
        readSoon();
    }

    private Tuple known() {
        if (anew) {
            anew = false;
            configs.clear();
            known = NOTHING;
            deletionsFrom = Long.MAX_VALUE;
        }
        return Tuple.of(known, deletionsFrom, server);
    }

    private void read(RowSet<Row> rows) {
        if (rows.size() > 0) {
            Row first = rows.iterator().next();
            if (isAnotherDatabase(first)) {
                readAnew();
                return;
            }
            if (deletionsFrom == Long.MAX_VALUE) {
                deletionsFrom = first.getLong("latest");
            }
            takeAll(rows, first.getLong("latest"));
        } else if (!anew) {
            confirm(behind ? new ConfigSnapshot(configs) : null);
        }
    }

    private void takeAll(RowSet<Row> rows, long latest) {
        int changes = 0;
        for (Row row : rows) {
            changes += take(row);
        }
        if (changes == PAGE || anew) {
            behind = true;
            readSoon();
        } else {
            known = latest;
            confirm(new ConfigSnapshot(configs));
        }
    }

    /** What is known is all that there is: the new snapshot, or the old one where nothing has changed. */
    private void confirm(@Nullable ConfigSnapshot next) {
        Loaded before = loaded;
        behind = false;
        if (next != null) {
            loaded = new Loaded(next, clock.getAsLong());
        } else if (before != null) {
            loaded = new Loaded(before.snapshot, clock.getAsLong());
        }
    }

    /** Whether what is known may be of a server that is gone, or of a state of this one that was taken back. */
    private boolean isAnotherDatabase(Row row) {
        OffsetDateTime started = row.getOffsetDateTime("server");
        boolean other = known != NOTHING && (!started.equals(server) || row.getLong("latest") < known);
        server = started;
        return other;
    }

    private int take(Row row) {
        Long change = row.getLong("change_no");
        if (change == null) {
            return 0;
        }
        if (row.getString("id") == null) {
            configs.remove(row.getString("config_id"));
        } else {
            LlmConfig config = ConfigRows.config(row, sealing);
            configs.put(config.id(), config);
        }
        known = change;
        return 1;
    }
}
