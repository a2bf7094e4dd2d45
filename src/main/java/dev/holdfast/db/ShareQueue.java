package dev.holdfast.db;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The waiters of one share, apart by their kind, of which there are few. Guarded by the pool's lock. */
final class ShareQueue {

    final String share;
    final List<WaiterQueue> kinds = new ArrayList<>(2);
    private int size;

    ShareQueue(String share) {
        this.share = share;
    }

    void add(Waiter waiter) {
        ofKind(waiter.kind()).add(waiter);
        size++;
    }

    private WaiterQueue ofKind(Waiter.@Nullable Kind kind) {
        for (WaiterQueue queue : kinds) {
            if (Objects.equals(queue.kind, kind)) {
                return queue;
            }
        }
        WaiterQueue queue = new WaiterQueue(this, kind);
        kinds.add(queue);
        return queue;
    }

    /** To be called with a waiter of this share that is in {@code queue}. */
    void remove(Waiter waiter, WaiterQueue queue) {
        queue.remove(waiter);
        size--;
        if (queue.size() == 0) {
            kinds.remove(queue);
        }
    }

    int size() {
        return size;
    }

    /** How many of one kind wait. */
    int size(Waiter.@Nullable Kind kind) {
        for (WaiterQueue queue : kinds) {
            if (Objects.equals(queue.kind, kind)) {
                return queue.size();
            }
        }
        return 0;
    }

    /** Who of those in the queues {@code of} has waited longest, or null. */
    @Nullable
    Waiter oldest(Predicate<WaiterQueue> of) {
        Waiter oldest = null;
        for (WaiterQueue queue : kinds) {
            Waiter first = of.test(queue) ? queue.oldest() : null;
            oldest = oldest == null || first != null && first.askedAt - oldest.askedAt < 0 ? first : oldest;
        }
        return oldest;
    }

    /** Who of those in the queues {@code of} came last, or null. */
    @Nullable
    Waiter newest(Predicate<WaiterQueue> of) {
        Waiter newest = null;
        for (WaiterQueue queue : kinds) {
            Waiter last = of.test(queue) ? queue.newest() : null;
            newest = newest == null || last != null && last.askedAt - newest.askedAt >= 0 ? last : newest;
        }
        return newest;
    }

    void forEach(Consumer<Waiter> action) {
        for (WaiterQueue queue : kinds) {
            for (Waiter waiter = queue.oldest(); waiter != null; waiter = waiter.after) {
                action.accept(waiter);
            }
        }
    }
}
