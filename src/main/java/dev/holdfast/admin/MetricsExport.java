package dev.holdfast.admin;

import dev.holdfast.db.Chores;
import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.DbConfig;
import dev.holdfast.db.LatencyFigures;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.db.ServerFigures;
import dev.holdfast.inbox.InboxFigures;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.ErrorCounts;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.metrics.exporters.OpenMetricsExporter;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Gauge;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricType;
import org.eclipse.microprofile.metrics.Tag;

/**
 * Shows the figures as metrics, read when they are scraped: nothing is recorded twice. The only user of MicroProfile
 * Metrics.
 */
@ApplicationScoped
class MetricsExport {

    private static final Tag[] NO_TAGS = {};

    /** What SmallRye puts before each name; ours say themselves whose they are. */
    private static final Pattern SCOPE = Pattern.compile("^(# (?:HELP|TYPE) )?application_", Pattern.MULTILINE);

    private final OpenMetricsExporter exporter = new OpenMetricsExporter();
    private final MetricRegistry registry;
    private final Database database;
    private final Monitor monitor;
    private final InboxFigures inbox;
    private final Chores chores;
    private final int reservedConnections;

    MetricsExport(
            MetricRegistry registry,
            Database database,
            Monitor monitor,
            InboxFigures inbox,
            Chores chores,
            DbConfig config) {
        this.registry = registry;
        this.database = database;
        this.monitor = monitor;
        this.inbox = inbox;
        this.chores = chores;
        this.reservedConnections = config.reservedConnections();
    }

    /** All of them in Prometheus' text format. */
    String text() {
        return SCOPE.matcher(exporter.exportOneScope(MetricRegistry.Type.APPLICATION))
                .replaceAll("$1");
    }

    // After all chores are there.
    void register(@Observes @Priority(Integer.MAX_VALUE - 1) StartupEvent event) {
        gauge("holdfast_pool_max_size", "Most connections that serve requests", PoolFigures::maxSize);
        gauge("holdfast_pool_in_use", "Connections that are lent", PoolFigures::inUse);
        gauge("holdfast_pool_idle", "Connections that wait for work", PoolFigures::idle);
        gauge("holdfast_pool_opening", "Connections being opened or checked", PoolFigures::opening);
        gauge("holdfast_pool_waiting", "Requests that wait for a connection", PoolFigures::waiting);
        gauge("holdfast_pool_max_waiting", "Most requests that may wait", PoolFigures::maxWaiting);
        gauge("holdfast_pool_utilization_ratio", "In use over the most, 0 to 1", PoolFigures::utilization);
        gauge("holdfast_pool_encrypted", "Open connections with TLS", PoolFigures::encrypted);
        gauge("holdfast_pool_plaintext", "Open connections without TLS", PoolFigures::plaintext);
        gauge(
                "holdfast_pool_oldest_wait_seconds",
                "How long the first in the queue has waited",
                f -> f.oldestWaitMillis() / 1000.0);

        // A project's name is never a label: there may be any number of them, and pool-status tells who it is.
        gauge(
                "holdfast_pool_projects",
                "Projects that have or want connections",
                f -> f.projects().size());
        gauge(
                "holdfast_pool_largest_project_in_use",
                "Connections lent to the project that has the most",
                f -> most(f, PoolFigures.Project::inUse));
        gauge(
                "holdfast_pool_largest_project_waiting",
                "Waiting requests of the project that has the most",
                f -> most(f, PoolFigures.Project::waiting));

        outcome("acquired", PoolFigures::acquired);
        outcome("timed_out", PoolFigures::timedOut);
        outcome("rejected", PoolFigures::rejected);
        outcome("cancelled", PoolFigures::cancelled);
        outcome("connect_failed", PoolFigures::connectFailed);
        outcome("refused", PoolFigures::refused);

        counter("holdfast_pool_batched", "Requests that went along on the connection of another", PoolFigures::batched);
        counter("holdfast_connections_opened", "Connections opened", PoolFigures::opened);
        counter("holdfast_connections_closed", "Connections ended, for whatever reason", PoolFigures::closed);
        counter("holdfast_connections_dropped", "Connections that ended without our doing", PoolFigures::dropped);
        counter("holdfast_ssl_reconnects", "Dropped TLS connections that were replaced", PoolFigures::sslReconnects);
        counter("holdfast_connect_failures", "Connect attempts that failed", PoolFigures::connectFailures);

        percentiles("holdfast_acquire_seconds", "Wait for a connection", PoolFigures::acquire);
        percentiles("holdfast_usage_seconds", "From a connection's lease to its return", PoolFigures::usage);

        database();
        inbox();
        for (String what : chores.removed().keySet()) {
            counter(
                    "holdfast_removed",
                    "What this replica has removed because its time was over, or its conversation was deleted",
                    () -> chores.removed().getOrDefault(what, 0L),
                    new Tag("what", what));
        }
        for (ErrorCode code : ErrorCode.values()) {
            counter(
                    "holdfast_errors",
                    "Error answers by code",
                    () -> ErrorCounts.of(code),
                    new Tag("code", code.code()));
        }
    }

    private void database() {
        gauge(
                "holdfast_database_up",
                "Whether PostgreSQL answers the monitor",
                () -> monitor.state().state() == DatabaseState.State.OK ? 1 : 0,
                NO_TAGS);
        for (DatabaseState.State state : DatabaseState.State.values()) {
            gauge(
                    "holdfast_database_state",
                    "What the monitor finds PostgreSQL to be: 1 for the state it is in, 0 for the others",
                    () -> monitor.state().state() == state ? 1 : 0,
                    new Tag("state", state.text()));
        }
        server(
                "holdfast_server_max_connections",
                "The server's max_connections, as last seen; NaN before",
                ServerFigures::maxConnections);
        server(
                "holdfast_server_connections",
                "Client connections to the server, everybody's, as last seen; NaN before",
                ServerFigures::used);
        gauge(
                "holdfast_server_reserved_connections",
                "Connections of the server that are left to others, as configured",
                () -> reservedConnections,
                NO_TAGS);
        gauge(
                "holdfast_server_certificate_expiry_timestamp_seconds",
                "When the first of the server's certificates ends, in seconds since 1970; NaN before a TLS handshake",
                () -> database.serverCertificateExpiry()
                        .<Number>map(Instant::getEpochSecond)
                        .orElse(Double.NaN),
                NO_TAGS);
    }

    private void inbox() {
        messages("waiting", InboxFigures.Depth::waiting);
        messages("dead", InboxFigures.Depth::dead);
        depth(
                "holdfast_inbox_retrying_senders",
                "Senders whose first message has failed and is tried again; NaN before PostgreSQL was asked",
                InboxFigures.Depth::retryingSenders);
        depth(
                "holdfast_inbox_oldest_age_seconds",
                "How long ago the message that has waited longest was accepted, 0 for none; NaN before PostgreSQL was asked",
                InboxFigures.Depth::oldestSeconds);
        counter("holdfast_inbox_delivered", "Messages that this replica has delivered", () -> inbox.deliveredTotal());
        counter("holdfast_inbox_failed", "Failed attempts to deliver a message", () -> inbox.failedTotal());
        counter("holdfast_inbox_dead", "Messages that this replica has set aside", () -> inbox.deadTotal());
    }

    private void messages(String state, ToDoubleFunction<InboxFigures.Depth> reading) {
        depth(
                "holdfast_inbox_messages",
                "Messages in the inbox, those that were delivered left out; NaN before PostgreSQL was asked",
                reading,
                new Tag("state", state));
    }

    private void depth(String name, String what, ToDoubleFunction<InboxFigures.Depth> reading, Tag... tags) {
        gauge(
                name,
                what,
                () -> inbox.depth()
                        .<Number>map(depth -> reading.applyAsDouble(depth))
                        .orElse(Double.NaN),
                tags);
    }

    private void server(String name, String what, ToIntFunction<ServerFigures> reading) {
        gauge(
                name,
                what,
                () -> monitor.server()
                        .<Number>map(server -> reading.applyAsInt(server))
                        .orElse(Double.NaN),
                NO_TAGS);
    }

    private static int most(PoolFigures figures, ToIntFunction<PoolFigures.Project> reading) {
        return figures.projects().stream().mapToInt(reading).max().orElse(0);
    }

    private void gauge(String name, String what, ToDoubleFunction<PoolFigures> reading) {
        gauge(name, what, () -> reading.applyAsDouble(database.figures()), NO_TAGS);
    }

    private void counter(String name, String what, ToLongFunction<PoolFigures> reading) {
        counter(name, what, () -> reading.applyAsLong(database.figures()), NO_TAGS);
    }

    private void outcome(String outcome, ToLongFunction<PoolFigures> reading) {
        counter(
                "holdfast_acquires",
                "Requests for a connection by their outcome",
                () -> reading.applyAsLong(database.figures()),
                new Tag("outcome", outcome));
    }

    private void percentiles(String name, String what, Function<PoolFigures, LatencyFigures> reading) {
        percentile(name, what, "50", f -> reading.apply(f).p50());
        percentile(name, what, "95", f -> reading.apply(f).p95());
        percentile(name, what, "99", f -> reading.apply(f).p99());
        percentile(name, what, "100", f -> reading.apply(f).max());
    }

    // Not "quantile": Prometheus keeps that label for summaries.
    private void percentile(String name, String what, String percentile, ToDoubleFunction<PoolFigures> millis) {
        gauge(
                name,
                what + ", over the last one to two minutes",
                () -> millis.applyAsDouble(database.figures()) / 1000,
                new Tag("percentile", percentile));
    }

    private void gauge(String name, String what, Supplier<Number> reading, Tag... tags) {
        registry.register(metadata(name, what, MetricType.GAUGE), (Gauge<Number>) reading::get, tags);
    }

    private void counter(String name, String what, LongSupplier reading, Tag... tags) {
        registry.register(metadata(name, what, MetricType.COUNTER), new Reading(reading), tags);
    }

    private static Metadata metadata(String name, String what, MetricType type) {
        return Metadata.builder()
                .withName(name)
                .withDescription(what)
                .withType(type)
                .build();
    }

    /** A counter that is counted elsewhere. */
    private record Reading(LongSupplier count) implements Counter {

        @Override
        public void inc() {
            throw new UnsupportedOperationException("This counter is read only");
        }

        @Override
        public void inc(long n) {
            inc();
        }

        @Override
        public long getCount() {
            return count.getAsLong();
        }
    }
}
