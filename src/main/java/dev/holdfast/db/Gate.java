package dev.holdfast.db;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a connection. Shares take turns, so that one that floods the queue delays the others by one turn each;
 * within a share it is first come, first served, until the first has waited for so long that it is better to serve those
 * whose clients still wait: then the newest comes first ("adaptive LIFO", B. Maurer, "Fail at Scale", ACM Queue 2015), and
 * where there is no room for one more, the first gives way. Not thread-safe, the pool's lock guards it.
 */
final class Gate {

    private final DbLimits limits;
    private final ToIntFunction<String> inUse;

    /** Whose turn is next comes first. */
    private final LinkedHashMap<String, WaiterQueue> turns = new LinkedHashMap<>();

    private int size;

    /** @param inUse how many connections a share has */
    Gate(DbLimits limits, ToIntFunction<String> inUse) {
        this.limits = limits;
        this.inUse = inUse;
    }

    void add(Waiter waiter) {
        turns.computeIfAbsent(waiter.ticket().share(), WaiterQueue::new).add(waiter);
        size++;
    }

    /** Takes a waiter out of the queue, wherever it stands; false if it is not in it. */
    boolean remove(Waiter waiter) {
        WaiterQueue queue = waiter.queue;
        if (queue == null) {
            return false;
        }
        queue.remove(waiter);
        size--;
        if (queue.size() == 0) {
            turns.remove(queue.share);
        }
        return true;
    }

    /** The next to be served at {@code now}, or null; whoever it passes over because time ran out goes to {@code late}. */
    @Nullable
    Waiter poll(long now, Consumer<Waiter> late) {
        WaiterQueue queue;
        while ((queue = nextTurn()) != null) {
            Waiter next = first(queue, now);
            remove(next);
            if (next.givesUpAt - now > 0) {
                endTurn(queue);
                return next;
            }
            late.accept(next);
        }
        return null;
    }

    /** The first queue in turn whose share may have one more connection. */
    private @Nullable WaiterQueue nextTurn() {
        for (WaiterQueue queue : turns.values()) {
            if (mayHaveMore(queue.share)) {
                return queue;
            }
        }
        return null;
    }

    private void endTurn(WaiterQueue queue) {
        if (turns.remove(queue.share) != null) {
            turns.put(queue.share, queue);
        }
    }

    private Waiter first(WaiterQueue queue, long now) {
        Waiter oldest = queue.oldest();
        Waiter newest = queue.newest();
        if (oldest == null || newest == null) {
            throw new IllegalStateException("a queue without waiters is not in the turns");
        }
        return isStale(oldest, now) ? newest : oldest;
    }

    private boolean isStale(Waiter waiter, long now) {
        return now - waiter.askedAt > limits.lifoAfter();
    }

    boolean mayHaveMore(String share) {
        return inUse.applyAsInt(share) < limits.most(share);
    }

    /** How many of those who wait a connection would help; the others wait for their own share to give one back. */
    int ready() {
        int ready = 0;
        for (WaiterQueue queue : turns.values()) {
            ready += Math.min(queue.size(), Math.max(0, limits.most(queue.share) - inUse.applyAsInt(queue.share)));
        }
        return ready;
    }

    /**
     * Whoever should give way to one more waiter of {@code share} where the queue is full: the newest of the share with the
     * most waiters, or who is stale of its own where that would be the same share or no better off. Null for nobody.
     */
    @Nullable
    Waiter givesWayTo(String share, long now) {
        WaiterQueue longest = null;
        for (WaiterQueue queue : turns.values()) {
            longest = longest == null || queue.size() > longest.size() ? queue : longest;
        }
        return longest == null || longest.size() <= waiting(share) + 1 ? stale(share, now) : longest.newest();
    }

    /** The first of a share, if it has waited for so long that it is no longer served first; else null. */
    @Nullable
    Waiter stale(String share, long now) {
        WaiterQueue queue = turns.get(share);
        Waiter oldest = queue == null ? null : queue.oldest();
        return oldest == null || !isStale(oldest, now) ? null : oldest;
    }

    /** Who has waited longest, or null. */
    @Nullable
    Waiter oldest() {
        Waiter oldest = null;
        for (WaiterQueue queue : turns.values()) {
            Waiter first = queue.oldest();
            oldest = oldest == null || first != null && first.askedAt - oldest.askedAt < 0 ? first : oldest;
        }
        return oldest;
    }

    /** Takes out whoever's time has run out at {@code now}. */
    void expire(long now, Consumer<Waiter> late) {
        List<Waiter> due = new ArrayList<>();
        forEach(waiter -> {
            if (waiter.givesUpAt - now <= 0) {
                due.add(waiter);
            }
        });
        due.forEach(waiter -> {
            remove(waiter);
            late.accept(waiter);
        });
    }

    /** How long at {@code now} until the first gives up; {@link Long#MAX_VALUE} with nobody there. */
    long untilExpiry(long now) {
        long[] least = {Long.MAX_VALUE};
        forEach(waiter -> least[0] = Math.min(least[0], waiter.givesUpAt - now));
        return least[0];
    }

    private void forEach(Consumer<Waiter> action) {
        for (WaiterQueue queue : turns.values()) {
            for (Waiter waiter = queue.oldest(); waiter != null; waiter = waiter.after) {
                action.accept(waiter);
            }
        }
    }

    /** The event loop on which the {@code position}th connection from now would be most useful; null for any. */
    @Nullable
    Object home(int position) {
        int left = position;
        for (WaiterQueue queue : turns.values()) {
            if (left >= queue.size()) {
                left -= queue.size();
                continue;
            }
            Waiter waiter = queue.oldest();
            for (int i = 0; i < left && waiter != null; i++) {
                waiter = waiter.after;
            }
            return waiter == null ? null : waiter.home();
        }
        return null;
    }

    int size() {
        return size;
    }

    /** How many of a share wait. */
    int waiting(String share) {
        WaiterQueue queue = turns.get(share);
        return queue == null ? 0 : queue.size();
    }

    /** How many wait, by share. */
    Map<String, Integer> byShare() {
        Map<String, Integer> waiting = new HashMap<>();
        turns.forEach((share, queue) -> waiting.put(share, queue.size()));
        return waiting;
    }
}
