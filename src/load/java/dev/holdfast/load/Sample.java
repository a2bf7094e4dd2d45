package dev.holdfast.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.ToDoubleFunction;

/**
 * The pool at one moment of the run, and what one user beside the load meets.
 *
 * @param nanos when, on the clock of {@link System#nanoTime()}
 * @param acquireP99 in milliseconds, over the last one to two minutes
 * @param ownMillis what a page took, or has taken so far, that the suite asked for itself; -1 if it was refused
 */
record Sample(
        long nanos,
        int maxSize,
        int inUse,
        int waiting,
        double acquireP99,
        long acquired,
        long timeouts,
        long rejected,
        long dropped,
        long reconnects,
        double ownMillis) {

    static Sample of(JsonNode status, long nanos, double ownMillis) {
        JsonNode connections = status.path("connections");
        return new Sample(
                nanos,
                status.path("max_size").asInt(),
                status.path("in_use").asInt(),
                status.path("waiting").asInt(),
                status.path("acquire_ms").path("p99").asDouble(),
                status.path("acquired_total").asLong(),
                status.path("timeouts_total").asLong(),
                status.path("rejected_total").asLong(),
                connections.path("dropped_total").asLong(),
                connections.path("ssl_reconnects_total").asLong(),
                ownMillis);
    }

    /** The highest of some samples. */
    static double most(Iterable<Sample> samples, ToDoubleFunction<Sample> figure) {
        double most = 0;
        for (Sample sample : samples) {
            most = Math.max(most, figure.applyAsDouble(sample));
        }
        return most;
    }
}
