package dev.holdfast.cli.verify;

import java.util.Locale;

/**
 * How many connections one replica has in use on average, by Little's law: what arrives in a second, times the seconds
 * for which each has a connection.
 *
 * @param source where the figures come from, to be said before the rest
 */
record Demand(double inUse, String source) {

    /** Above this share of the pool, pool-status warns: waits grow fast from here on. */
    private static final double HEALTHY = 0.7;

    /**
     * @param rps requests per second, of all replicas together
     * @param millis for which each has a connection
     */
    static Demand of(double rps, double millis, int replicas) {
        return new Demand(
                rps * millis / 1000 / replicas,
                String.format(
                        Locale.ROOT, "%s requests/s x %s ms / %d replica(s)", figure(rps), figure(millis), replicas));
    }

    /** The smallest pool that is healthy with it. */
    int pool() {
        return Math.max(1, (int) Math.ceil(inUse / HEALTHY - 1e-9));
    }

    static String figure(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : value < 10 ? "%.2f" : "%.1f", value);
    }
}
