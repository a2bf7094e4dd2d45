package dev.holdfast.db;

import java.time.Instant;
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

    /** A statement under way; its text is not shown. */
    public record LongRunning(int pid, String state, double seconds, String waitEvent) {}
}
