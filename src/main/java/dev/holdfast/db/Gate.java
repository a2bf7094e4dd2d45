package dev.holdfast.db;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Those who wait for a connection, first come first served; not thread-safe, the pool's lock guards it. */
final class Gate {

    private final LinkedHashSet<Waiter> queue = new LinkedHashSet<>();
    private final Map<String, Integer> byProject = new HashMap<>();

    void add(Waiter waiter) {
        queue.add(waiter);
        byProject.merge(waiter.ticket().project(), 1, Integer::sum);
    }

    /** Takes a waiter out of the queue, wherever it stands; false if it is not in it. */
    boolean remove(Waiter waiter) {
        boolean removed = queue.remove(waiter);
        if (removed) {
            byProject.computeIfPresent(waiter.ticket().project(), (p, n) -> n == 1 ? null : n - 1);
        }
        return removed;
    }

    /** The next to be served at {@code now}, or null; whoever it passes over because time ran out goes to {@code late}. */
    @Nullable
    Waiter poll(long now, Consumer<Waiter> late) {
        Waiter next;
        while ((next = first()) != null) {
            remove(next);
            if (next.givesUpAt - now > 0) {
                return next;
            }
            late.accept(next);
        }
        return null;
    }

    /** Who has waited longest, or null. */
    @Nullable
    Waiter first() {
        Iterator<Waiter> waiters = queue.iterator();
        return waiters.hasNext() ? waiters.next() : null;
    }

    /** Who has {@code position} others before it; there is somebody. */
    Waiter at(int position) {
        Iterator<Waiter> waiters = queue.iterator();
        for (int i = 0; i < position; i++) {
            waiters.next();
        }
        return waiters.next();
    }

    int size() {
        return queue.size();
    }

    Map<String, Integer> byProject() {
        return byProject;
    }
}
