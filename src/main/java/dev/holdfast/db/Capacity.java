package dev.holdfast.db;

/**
 * The sum of connections that all replicas may ask for. Each has its pool and the monitor's connection, which also
 * listens.
 *
 * @param surge replicas more, during a rolling update
 * @param reserved for everybody else
 */
public record Capacity(int replicas, int surge, int pool, int reserved) {

    private static final int MONITOR = 1;

    /** For the replicas alone. */
    public long ours() {
        return (long) (replicas + surge) * (pool + MONITOR);
    }

    public long asked() {
        return ours() + reserved;
    }

    /** The largest pool with which the sum is within {@code available}; below 1 if there is none. */
    public long largestPool(long available) {
        return Math.floorDiv(available - reserved, (long) (replicas + surge)) - MONITOR;
    }

    /** As the sum is written. */
    public String text() {
        return "(" + replicas + " replica(s) + " + surge + " during an update) x (" + pool + " + " + MONITOR
                + " for the monitor)" + (reserved == 0 ? "" : " + " + reserved + " reserved") + " = " + asked();
    }
}
