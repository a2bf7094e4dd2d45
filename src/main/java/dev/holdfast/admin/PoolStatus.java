package dev.holdfast.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.LatencyFigures;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.db.ServerFigures;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of pool-status; every request for a connection is in exactly one of the totals, or still waiting. */
@JsonNaming(SnakeCaseStrategy.class)
record PoolStatus(
        String status,
        double utilization,
        int maxSize,
        int inUse,
        int idle,
        int opening,
        int waiting,
        int maxWaiting,
        long oldestWaitMs,
        Percentiles acquireMs,
        Percentiles usageMs,
        long askedTotal,
        long acquiredTotal,
        long batchedTotal,
        long timeoutsTotal,
        long rejectedTotal,
        long cancelledTotal,
        long connectFailedTotal,
        long refusedTotal,
        Connections connections,
        Tls tls,
        State database,
        @Nullable Server server,
        List<Project> projects) {

    /** Of the last one to two minutes. */
    record Percentiles(double p50, double p95, double p99, double max) {

        static Percentiles of(LatencyFigures figures) {
            return new Percentiles(figures.p50(), figures.p95(), figures.p99(), figures.max());
        }
    }

    @JsonNaming(SnakeCaseStrategy.class)
    record Connections(
            long openedTotal,
            long closedTotal,
            long droppedTotal,
            long sslReconnectsTotal,
            long connectFailuresTotal,
            @Nullable Drop lastDrop) {}

    record Drop(String at, String reason) {}

    record Tls(String mode, int encrypted, int plaintext) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record State(
            String state,
            String since,
            @Nullable String lastOkAt,
            @Nullable String lastError) {

        static State of(DatabaseState state) {
            return new State(state.state().text(), state.since().toString(), text(state.lastOkAt()), state.lastError());
        }
    }

    @JsonNaming(SnakeCaseStrategy.class)
    record Server(
            int maxConnections,
            int used,
            Map<String, Integer> byState,
            List<LongRunning> longRunning,
            String sampledAt) {

        static Server of(ServerFigures figures) {
            return new Server(
                    figures.maxConnections(),
                    figures.used(),
                    figures.byState(),
                    figures.longRunning().stream()
                            .map(l -> new LongRunning(l.pid(), l.state(), l.seconds(), l.waitEvent()))
                            .toList(),
                    figures.sampledAt().toString());
        }
    }

    @JsonNaming(SnakeCaseStrategy.class)
    record LongRunning(int pid, String state, double seconds, String waitEvent) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record Project(String project, int inUse, int waiting) {}

    static PoolStatus of(Database database, Monitor monitor) {
        PoolFigures figures = database.figures();
        PoolFigures.Drop drop = figures.lastDrop();
        return new PoolStatus(
                figures.status(),
                figures.utilization(),
                figures.maxSize(),
                figures.inUse(),
                figures.idle(),
                figures.opening(),
                figures.waiting(),
                figures.maxWaiting(),
                figures.oldestWaitMillis(),
                Percentiles.of(figures.acquire()),
                Percentiles.of(figures.usage()),
                figures.asked(),
                figures.acquired(),
                figures.batched(),
                figures.timedOut(),
                figures.rejected(),
                figures.cancelled(),
                figures.connectFailed(),
                figures.refused(),
                new Connections(
                        figures.opened(),
                        figures.closed(),
                        figures.dropped(),
                        figures.sslReconnects(),
                        figures.connectFailures(),
                        drop == null ? null : new Drop(drop.at().toString(), drop.reason())),
                new Tls(database.sslMode().value(), figures.encrypted(), figures.plaintext()),
                State.of(monitor.state()),
                monitor.server().map(Server::of).orElse(null),
                figures.projects().stream()
                        .map(p -> new Project(p.project(), p.inUse(), p.waiting()))
                        .toList());
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
