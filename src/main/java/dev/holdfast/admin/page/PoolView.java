package dev.holdfast.admin.page;

import dev.holdfast.db.Capacity;
import dev.holdfast.db.LatencyFigures;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.db.ServerFigures;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What changes from second to second.
 *
 * @param samples JSON, see {@link PoolHistory#json}
 * @param server null while PostgreSQL has not said anything yet
 */
record PoolView(
        Condition condition,
        String samples,
        List<PoolHistory.Event> events,
        String tlsMode,
        @Nullable ServerFigures server,
        Capacity capacity,
        Instant now) {

    /** What this replica is called where it runs, such as its pod; empty where nobody has named it. */
    private static final String REPLICA = Objects.toString(System.getenv("HOSTNAME"), "");

    /** Another one for each start: what tells replicas apart, however they are called. */
    private static final String PROCESS = UUID.randomUUID().toString();

    private static final int PROJECTS_SHOWN = 12;

    public String replica() {
        return REPLICA;
    }

    public String process() {
        return PROCESS;
    }

    public PoolFigures pool() {
        return condition.pool();
    }

    /** A part of a bar, in percent of it. */
    record Part(String kind, String label, long count, double from, double width) {}

    /** What waits and uses, in the words of the table. */
    public List<Map.Entry<String, LatencyFigures>> latencies() {
        return List.of(Map.entry("wait", pool().acquire()), Map.entry("use", pool().usage()));
    }

    public List<PoolFigures.Project> projects() {
        return pool().projects().stream().limit(PROJECTS_SHOWN).toList();
    }

    public double share(PoolFigures.Project project) {
        return 100.0 * project.inUse() / pool().maxSize();
    }

    public String tls() {
        if (pool().encrypted() + pool().plaintext() == 0) {
            return "no connection is open";
        }
        return pool().plaintext() == 0
                ? "all encrypted"
                : pool().encrypted() == 0 ? "none encrypted" : pool().plaintext() + " not encrypted";
    }

    public String tlsKind() {
        return pool().plaintext() == 0 ? "healthy" : "warning";
    }

    public List<Map.Entry<String, Integer>> states() {
        return server == null
                ? List.of()
                : server.byState().entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                        .toList();
    }

    public double stateShare(Map.Entry<String, Integer> state) {
        int all = states().stream().mapToInt(Map.Entry::getValue).max().orElse(1);
        return 100.0 * state.getValue() / Math.max(1, all);
    }

    /** Of what the server has for everybody. */
    public long available() {
        return server == null ? 0 : server.maxConnections() - server.reserved();
    }

    public boolean fits() {
        return capacity.asked() <= available();
    }

    /** The sum of {@code verify}: what all replicas may ask for, what others need, and what is left. */
    public List<Part> capacityParts() {
        if (server == null) {
            return List.of();
        }
        long whole = Math.max(capacity.asked() + server.reserved(), server.maxConnections());
        long free = Math.max(0, available() - capacity.asked());
        Part ours = part("ours", "our replicas", capacity.ours(), 0, whole);
        Part others = part("others", "for others", capacity.reserved(), capacity.ours(), whole);
        Part left = part("free", "free", free, capacity.asked(), whole);
        Part kept = part("kept", "for administrators", server.reserved(), capacity.asked() + free, whole);
        return List.of(ours, others, left, kept);
    }

    private static Part part(String kind, String label, long count, long from, long whole) {
        return new Part(kind, label, count, 100.0 * from / whole, 100.0 * count / whole);
    }

    public long largestPool() {
        return Math.max(0, capacity.largestPool(available()));
    }

    /** Requests that got no connection and did not wait for one in vain. */
    public long refused() {
        return PoolHistory.turnedAway(pool());
    }

    public boolean stale() {
        return server != null && server.sampledAt().isBefore(now.minusSeconds(10));
    }
}
