package dev.holdfast.db;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What PostgreSQL said of itself when the monitor last asked.
 *
 * @param reserved of those the ones that are kept for administrators
 * @param used client connections of all users and databases
 * @param byState those of our user, by {@code pg_stat_activity.state}
 * @param longRunning our user's statements that have run for more than five seconds
 */
public record ServerFigures(
        int maxConnections,
        int reserved,
        int used,
        Map<String, Integer> byState,
        List<LongRunning> longRunning,
        Instant sampledAt) {

    // Of other roles' backends only administrators see the type, but everybody sees that they have a role and a
    // database.
    static final String SQL = """
            SELECT current_setting('max_connections')::int AS max_connections,
                   current_setting('superuser_reserved_connections')::int
                       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
                   (SELECT count(*)::int FROM pg_stat_activity
                       WHERE usename IS NOT NULL AND datid IS NOT NULL) AS used,
                   (SELECT coalesce(json_object_agg(state, n), '{}')::text FROM (
                       SELECT coalesce(state, 'unknown') AS state, count(*) AS n FROM pg_stat_activity
                       WHERE usename = current_user AND backend_type = 'client backend' GROUP BY 1) s) AS by_state,
                   (SELECT coalesce(json_agg(l), '[]')::text FROM (
                       SELECT pid, state, extract(epoch FROM now() - query_start)::float8 AS seconds,
                              coalesce(wait_event_type || ':' || wait_event, '') AS wait_event
                       FROM pg_stat_activity
                       WHERE usename = current_user AND state <> 'idle' AND now() - query_start > interval '5 s'
                       ORDER BY query_start LIMIT 20) l) AS long_running
            """;

    /** A statement under way; its text is not shown. */
    public record LongRunning(int pid, String state, double seconds, String waitEvent) {

        private static LongRunning of(JsonObject json) {
            return new LongRunning(
                    json.getInteger("pid"),
                    json.getString("state"),
                    json.getDouble("seconds"),
                    json.getString("wait_event"));
        }
    }

    /** The figures in the row that {@link #SQL} gives. */
    static ServerFigures of(Row row, Instant sampledAt) {
        Map<String, Integer> byState = new LinkedHashMap<>();
        new JsonObject(row.getString("by_state"))
                .forEach(entry -> byState.put(entry.getKey(), ((Number) entry.getValue()).intValue()));
        List<LongRunning> longRunning = new JsonArray(row.getString("long_running"))
                .stream().map(JsonObject.class::cast).map(LongRunning::of).toList();
        return new ServerFigures(
                row.getInteger("max_connections"),
                row.getInteger("reserved"),
                row.getInteger("used"),
                byState,
                longRunning,
                sampledAt);
    }
}
