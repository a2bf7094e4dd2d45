package dev.holdfast.db;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are parked in Vert.x's pool, and how many of them it has been asked for. Which it lends is its own
 * choice, so what is under way is counted and not bound: idle are as many as are parked and not asked for. Guarded by the
 * pool's lock.
 */
final class IdleConnections {

    /** The pool may have noticed a connection's end, or not yet its return; then others are opened, for a while. */
    private static final int MOST_MISSES = 2;

    /** Those that live on one event loop. */
    final class Home {

        final @Nullable Object loop;
        final Consumer<@Nullable Link> answered;

        /** The last that was used comes first. */
        private final ArrayDeque<PoolEntry> parked = new ArrayDeque<>();

        /** What the pool has been asked for here, less what it has leave to open. */
        private int asked;

        /** How often in a row it had nothing to lend where something is parked. */
        private int misses;

        private Home(@Nullable Object loop, Answers answers) {
            this.loop = loop;
            this.answered = lent -> answers.answered(this, lent);
        }

        /** The pool is asked for one, or must answer from what is parked where it had leave to open one. */
        void ask() {
            asked++;
        }

        /** @param missed whether it had nothing to lend, and no leave to open one */
        void answered(boolean missed) {
            asked--;
            misses = missed ? misses + 1 : 0;
        }

        private int idle() {
            return parked.size() - coming();
        }

        private int coming() {
            return Math.max(0, Math.min(parked.size(), asked));
        }

        /** Whether one that is idle need not be checked, if the pool chooses well. */
        private boolean hasIdle(Predicate<PoolEntry> fresh) {
            if (misses > MOST_MISSES) {
                return false;
            }
            int left = Math.max(0, asked);
            for (PoolEntry entry : parked) {
                if (!fresh.test(entry)) {
                    return false;
                }
                if (left-- == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Who is told what the pool has lent, by the home of which it was asked. */
    interface Answers {

        void answered(Home home, @Nullable Link lent);
    }

    private final Answers answers;
    private final Map<@Nullable Object, Home> homes = new HashMap<>();
    private int size;

    IdleConnections(Answers answers) {
        this.answers = answers;
    }

    Home home(@Nullable Object loop) {
        return homes.computeIfAbsent(loop, l -> new Home(l, answers));
    }

    /** Parks what has just been used. */
    void park(PoolEntry entry) {
        home(entry.link.home()).parked.addFirst(entry);
        size++;
    }

    /** Parks what was lent and has not been used, nor for long before. */
    void parkRested(PoolEntry entry) {
        home(entry.link.home()).parked.addLast(entry);
        size++;
    }

    /** It is parked no more. */
    void remove(PoolEntry entry) {
        if (home(entry.link.home()).parked.remove(entry)) {
            size--;
        }
    }

    /** What the pool did not lend before it may lend now; to be called now and then. */
    void forgiveMisses() {
        homes.values().forEach(home -> home.misses = 0);
    }

    /** Parked, asked for or not. */
    int size() {
        return size;
    }

    /** Parked and not asked for. */
    int idle() {
        int idle = 0;
        for (Home home : homes.values()) {
            idle += home.idle();
        }
        return idle;
    }

    /** Parked and asked for. */
    int coming() {
        int coming = 0;
        for (Home home : homes.values()) {
            coming += home.coming();
        }
        return coming;
    }

    /** Where to ask for one that need not be checked, at {@code preferred} if there is one; null if there is none. */
    @Nullable
    Home withIdle(@Nullable Object preferred, Predicate<PoolEntry> fresh) {
        Home best = homes.get(preferred);
        if (best != null && best.hasIdle(fresh)) {
            return best;
        }
        best = null;
        for (Home home : homes.values()) {
            if (home.hasIdle(fresh) && (best == null || isMoreRecent(home, best))) {
                best = home;
            }
        }
        return best;
    }

    private static boolean isMoreRecent(Home one, Home other) {
        return one.parked.getFirst().lastUsedAt - other.parked.getFirst().lastUsedAt > 0;
    }

    List<PoolEntry> parked() {
        List<PoolEntry> parked = new ArrayList<>(size);
        homes.values().forEach(home -> parked.addAll(home.parked));
        return parked;
    }
}
