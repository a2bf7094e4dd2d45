package dev.holdfast.db;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    private final Batches batches;

    /** Whose turn is next comes first. */
    private final LinkedHashMap<String, ShareQueue> turns = new LinkedHashMap<>();

    private static final Predicate<WaiterQueue> ANY = queue -> true;

    private int size;

    /** @param inUse how many connections a share has */
    Gate(DbLimits limits, ToIntFunction<String> inUse, Batches batches) {
        this.limits = limits;
        this.inUse = inUse;
        this.batches = batches;
    }

    void add(Waiter waiter) {
        turns.computeIfAbsent(waiter.ticket().share(), ShareQueue::new).add(waiter);
        size++;
    }

    /** Takes a waiter out of the queue, wherever it stands; false if it is not in it. */
    boolean remove(Waiter waiter) {
        WaiterQueue queue = waiter.queue;
        if (queue == null) {
            return false;
        }
        ShareQueue share = queue.share;
        share.remove(waiter, queue);
        size--;
        if (share.size() == 0) {
            turns.remove(share.share);
        }
        return true;
    }

    /** The next to be served at {@code now}, or null; whoever it passes over because time ran out goes to {@code late}. */
    @Nullable
    Waiter poll(long now, Consumer<Waiter> late) {
        Waiter next;
        while ((next = nextInTurn(now)) != null) {
            remove(next);
            if (next.givesUpAt - now > 0) {
                endTurn(next.ticket().share());
                return next;
            }
            late.accept(next);
        }
        return null;
    }

    /** The first of the first share in turn that may have one more connection. */
    private @Nullable Waiter nextInTurn(long now) {
        for (ShareQueue share : turns.values()) {
            Waiter next = inUse.applyAsInt(share.share) < limits.most(share.share)
                    ? first(share, now, queue -> batches.room(share.share, queue.kind, now) > 0)
                    : null;
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    private void endTurn(String share) {
        ShareQueue queue = turns.remove(share);
        if (queue != null) {
            turns.put(share, queue);
        }
    }

    private @Nullable Waiter first(ShareQueue share, long now, Predicate<WaiterQueue> of) {
        Waiter oldest = share.oldest(of);
        return oldest != null && isStale(oldest, now) ? share.newest(of) : oldest;
    }

    /** Takes out those who go along with {@code waiter}; whoever it passes over because time ran out goes to {@code late}. */
    List<Waiter> company(Waiter waiter, long now, Consumer<Waiter> late) {
        Waiter.Kind kind = waiter.kind();
        ShareQueue share = turns.get(waiter.ticket().share());
        if (kind == null || share == null) {
            return List.of();
        }
        List<Waiter> company = new ArrayList<>();
        Waiter next;
        while (company.size() < BatchRead.MOST - 1
                && (next = first(share, now, queue -> kind.equals(queue.kind))) != null) {
            remove(next);
            if (next.givesUpAt - now > 0) {
                company.add(next);
            } else {
                late.accept(next);
            }
        }
        return company;
    }

    private boolean isStale(Waiter waiter, long now) {
        return now - waiter.askedAt > limits.lifoAfter();
    }

    /** Whether one more connection would help, were {@code waiter} to wait too. */
    boolean wouldHelp(Waiter waiter, long now) {
        String share = waiter.ticket().share();
        ShareQueue queue = turns.get(share);
        int left = limits.most(share) - inUse.applyAsInt(share);
        if (queue == null) {
            return left > 0 && batches.room(share, waiter.kind(), now) > 0;
        }
        return wanted(queue, now) < left && queue.size(waiter.kind()) < batches.room(share, waiter.kind(), now);
    }

    /** How many connections those of a share would use, if it might have as many. */
    private int wanted(ShareQueue share, long now) {
        int wanted = 0;
        for (WaiterQueue queue : share.kinds) {
            wanted += Math.min(queue.size(), Math.max(0, batches.room(share.share, queue.kind, now)));
        }
        return wanted;
    }

    /** How many connections would help those who wait; others wait for their share to give one back, or for their batch. */
    int ready(long now) {
        int ready = 0;
        for (ShareQueue share : turns.values()) {
            ready +=
                    Math.min(wanted(share, now), Math.max(0, limits.most(share.share) - inUse.applyAsInt(share.share)));
        }
        return ready;
    }

    /**
     * Whoever should give way to one more waiter of {@code share} where the queue is full: the newest of the share with the
     * most waiters, or who is stale of its own where that would be the same share or no better off. Null for nobody.
     */
    @Nullable
    Waiter givesWayTo(String share, long now) {
        ShareQueue longest = null;
        for (ShareQueue queue : turns.values()) {
            longest = longest == null || queue.size() > longest.size() ? queue : longest;
        }
        return longest == null || longest.size() <= waiting(share) + 1 ? stale(share, now) : longest.newest(ANY);
    }

    /** The first of a share, if it has waited for so long that it is no longer served first; else null. */
    @Nullable
    Waiter stale(String share, long now) {
        ShareQueue queue = turns.get(share);
        Waiter oldest = queue == null ? null : queue.oldest(ANY);
        return oldest == null || !isStale(oldest, now) ? null : oldest;
    }

    /** Who has waited longest, or null. */
    @Nullable
    Waiter oldest() {
        Waiter oldest = null;
        for (ShareQueue share : turns.values()) {
            Waiter first = share.oldest(ANY);
            oldest = oldest == null || first != null && first.askedAt - oldest.askedAt < 0 ? first : oldest;
        }
        return oldest;
    }

    /** Takes out whoever's time has run out at {@code now}. */
    void expire(long now, Consumer<Waiter> late) {
        List<Waiter> due = new ArrayList<>();
        turns.values()
                .forEach(share -> share.forEach(waiter -> {
                    if (waiter.givesUpAt - now <= 0) {
                        due.add(waiter);
                    }
                }));
        due.forEach(waiter -> {
            remove(waiter);
            late.accept(waiter);
        });
    }

    /** How long at {@code now} until somebody gives up or may be held back no more; {@link Long#MAX_VALUE} with nobody there. */
    long untilLook(long now) {
        long[] least = {Long.MAX_VALUE};
        for (ShareQueue share : turns.values()) {
            share.forEach(waiter -> least[0] = Math.min(least[0], waiter.givesUpAt - now));
            for (WaiterQueue queue : share.kinds) {
                least[0] = Math.min(least[0], batches.untilRoom(share.share, queue.kind, now));
            }
        }
        return least[0];
    }

    /** The same for one waiter. */
    long untilLook(Waiter waiter, long now) {
        return Math.min(
                waiter.givesUpAt - now, batches.untilRoom(waiter.ticket().share(), waiter.kind(), now));
    }

    /** The event loop on which the {@code position}th connection from now would be most useful; null for any. */
    @Nullable
    Object home(int position) {
        int left = position;
        for (ShareQueue share : turns.values()) {
            for (WaiterQueue queue : share.kinds) {
                for (Waiter waiter = queue.oldest(); waiter != null; waiter = waiter.after) {
                    if (left-- == 0) {
                        return waiter.home();
                    }
                }
            }
        }
        return null;
    }

    int size() {
        return size;
    }

    /** How many of a share wait. */
    int waiting(String share) {
        ShareQueue queue = turns.get(share);
        return queue == null ? 0 : queue.size();
    }

    /** How many wait, by share. */
    Map<String, Integer> byShare() {
        Map<String, Integer> waiting = new HashMap<>();
        turns.forEach((share, queue) -> waiting.put(share, queue.size()));
        return waiting;
    }
}
