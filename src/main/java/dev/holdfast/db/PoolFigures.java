package dev.holdfast.db;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pool at one moment. {@code inUse + idle + opening <= maxSize}; {@code asked = acquired + timedOut + rejected +
 * cancelled + connectFailed + refused + waiting}.
 *
 * @param inUse connections that are lent, from the lease on
 * @param opening connections that are being opened, or checked after a long rest
 * @param waiting can exceed {@code maxWaiting} by the slots that are free: who waits for one of them to be filled waits
 *     for nobody to return anything
 * @param oldestWaitMillis how long the first in the queue has waited; 0 with nobody there
 * @param saturatedMillis for how long every connection has been lent without a break; 0 while one is not
 * @param batched those of {@code acquired} that went along with another's read, and had no connection of their own
 * @param lastDrop the last connection that ended without our doing; null while there is none
 * @param lastConnectError why the last connect attempt failed; null if it did not
 */
public record PoolFigures(
        int maxSize,
        int inUse,
        int idle,
        int opening,
        int waiting,
        int maxWaiting,
        long oldestWaitMillis,
        LatencyFigures acquire,
        LatencyFigures usage,
        long asked,
        long acquired,
        long batched,
        long timedOut,
        long rejected,
        long cancelled,
        long connectFailed,
        long refused,
        long opened,
        long closed,
        long dropped,
        long sslReconnects,
        long connectFailures,
        @Nullable Drop lastDrop,
        @Nullable String lastConnectError,
        int encrypted,
        int plaintext,
        long saturatedMillis,
        List<Project> projects) {

    /** A connection that PostgreSQL, the network or an error ended. */
    public record Drop(Instant at, String reason) {}

    /** A project's part of the pool. */
    public record Project(String project, int inUse, int waiting) {}

    /** From 0 to 1. */
    public double utilization() {
        return (double) inUse / maxSize;
    }

    /** {@code healthy} below 0.7, {@code critical} above 0.9, {@code warning} between. */
    public String status() {
        double utilization = utilization();
        return utilization < 0.7 ? "healthy" : utilization <= 0.9 ? "warning" : "critical";
    }
}
