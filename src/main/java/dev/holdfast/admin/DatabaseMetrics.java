package dev.holdfast.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.problem.ErrorCounts;
import java.util.Map;
import java.util.TreeMap;

/** The pool's figures, and what has become of each kind of statement; latencies in milliseconds, waits included. */
@JsonNaming(SnakeCaseStrategy.class)
record DatabaseMetrics(PoolStatus pool, Map<String, Operation> operations, Map<String, Long> errorsByCode) {

    @JsonNaming(SnakeCaseStrategy.class)
    record Operation(
            long succeededTotal, long retriedTotal, Map<String, Long> failedTotal, PoolStatus.Percentiles latencyMs) {}

    static DatabaseMetrics of(Database database, Monitor monitor) {
        Map<String, Operation> operations = new TreeMap<>();
        database.operations()
                .forEach((name, figures) -> operations.put(
                        name,
                        new Operation(
                                figures.succeeded(),
                                figures.retried(),
                                figures.errors(),
                                PoolStatus.Percentiles.of(figures.latency()))));
        return new DatabaseMetrics(PoolStatus.of(database, monitor), operations, ErrorCounts.byCode());
    }
}
