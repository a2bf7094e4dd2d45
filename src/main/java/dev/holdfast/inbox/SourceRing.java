package dev.holdfast.inbox;

import dev.holdfast.db.Monitor;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Sealing;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * All sources in memory, as PostgreSQL last had them: whether a message is let in takes no connection. Secrets stay sealed here
 * and are opened for as long as it takes to check one signature.
 */
@Singleton
class SourceRing {

    private static final Logger LOG = Logger.getLogger(SourceRing.class);
    private static final String CHANNEL = "holdfast_inbox_sources";
    private static final Duration TICK = Duration.ofSeconds(2);

    /** No rows where the mark is the one that is known. */
    static final String SNAPSHOT = """
            SELECT c.mark, s.id, s.project_id, s.secret, s.previous_secret
            FROM inbox_source_changes c LEFT JOIN inbox_sources s ON true
            WHERE c.mark IS DISTINCT FROM $1
            """;

    private final Sealing sealing;
    private volatile @Nullable Map<String, Known> sources;
    private Monitor.@Nullable Watch watch;
    // Only touched on the monitor's event loop.
    private @Nullable UUID mark;

    /** @param sealed its secret and, if that is valid still, the one before */
    record Known(String id, String project, List<byte[]> sealed) {

        Known {
            sealed = List.copyOf(sealed);
        }
    }

    SourceRing(Sealing sealing) {
        this.sealing = sealing;
    }

    void start(@Observes StartupEvent event, Monitor monitor) {
        Monitor.Watch watched = monitor.watch("inbox.sources", SNAPSHOT, () -> Tuple.of(mark), this::load);
        watch = watched;
        // Every beat looks as well: behind a PgBouncer nobody is told.
        monitor.listen(CHANNEL, () -> watched.refresh().subscribe().with(done -> {}, SourceRing::missed));
    }

    private void load(RowSet<Row> rows) {
        if (rows.size() == 0) {
            return;
        }
        Map<String, Known> read = new HashMap<>();
        UUID readMark = null;
        for (Row row : rows) {
            readMark = row.getUUID("mark");
            String id = row.getString("id");
            if (id != null) {
                List<byte[]> sealed = new ArrayList<>();
                sealed.add(row.getBuffer("secret").getBytes());
                Buffer previous = row.getBuffer("previous_secret");
                if (previous != null) {
                    sealed.add(previous.getBytes());
                }
                read.put(id, new Known(id, row.getString("project_id"), sealed));
            }
        }
        sources = Map.copyOf(read);
        mark = readMark;
    }

    /**
     * Null if there is none.
     *
     * @throws Problem 503 if that can't be known yet
     */
    @Nullable
    Known find(String id) {
        Map<String, Known> known = sources;
        if (known == null) {
            throw Problem.databaseUnavailable("The inbox's sources have not been read from PostgreSQL yet.", TICK);
        }
        return known.get(id);
    }

    /** The secrets in the clear that this replica's keyset opens. */
    List<String> secrets(Known source) {
        List<String> secrets = new ArrayList<>();
        for (byte[] sealed : source.sealed) {
            sealing.open(source.id, sealed).ifPresent(secrets::add);
        }
        if (secrets.isEmpty()) {
            LOG.errorf("No secret of the inbox source %s can be opened with this replica's keyset", source.id);
        }
        return secrets;
    }

    /** Reads what has changed, so that it works here at once; if that takes too long, the next beat sees it. */
    Uni<Void> refresh() {
        return Objects.requireNonNull(watch, "not started").tryRefresh(SourceRing::missed);
    }

    private static void missed(Throwable failure) {
        LOG.debugf("A changed source takes effect with the next beat only: %s", failure.getMessage());
    }
}
