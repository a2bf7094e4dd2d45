package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/**
 * The waiters of one share and one kind in the order of their coming; any of them can leave at once. Guarded by the pool's
 * lock.
 */
final class WaiterQueue {

    final ShareQueue share;
    final Waiter.@Nullable Kind kind;
    private @Nullable Waiter oldest;
    private @Nullable Waiter newest;
    private int size;

    WaiterQueue(ShareQueue share, Waiter.@Nullable Kind kind) {
        this.share = share;
        this.kind = kind;
    }

    void add(Waiter waiter) {
        waiter.queue = this;
        waiter.before = newest;
        if (newest == null) {
            oldest = waiter;
        } else {
            newest.after = waiter;
        }
        newest = waiter;
        size++;
    }

    /** To be called with a waiter of this queue. */
    void remove(Waiter waiter) {
        Waiter before = waiter.before;
        Waiter after = waiter.after;
        if (before == null) {
            oldest = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.before = before;
        }
        waiter.queue = null;
        waiter.before = null;
        waiter.after = null;
        size--;
    }

    @Nullable
    Waiter oldest() {
        return oldest;
    }

    @Nullable
    Waiter newest() {
        return newest;
    }

    int size() {
        return size;
    }
}
