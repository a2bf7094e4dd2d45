package dev.holdfast.testkit;

import dev.holdfast.testkit.Proxy.End;
import dev.holdfast.testkit.Proxy.Way;
import java.util.HashMap;
import java.util.Map;

/** The end that a {@link Proxy} makes of one connection, once, at an exact byte; counted from when it is told to. */
public final class Cut {

    static final Cut NEVER = new Cut(null, 0, End.CLOSE, false);

    private final Way way;
    private final long after;
    private final End end;
    private final boolean inAll;
    private volatile Runnable then = () -> {};
    private final Map<Object, Long> carried = new HashMap<>();
    private boolean made;

    private Cut(Way way, long after, End end, boolean inAll) {
        this.way = way;
        this.after = after;
        this.end = end;
        this.inAll = inAll;
    }

    /** Of the first connection that has more than {@code after} bytes to carry that way; it carries so many. */
    public static Cut after(long after, Way way, End end) {
        return new Cut(way, after, end, false);
    }

    /** Of the connection that would carry the byte that comes after so many of all connections together. */
    public static Cut afterInAll(long after, Way way, End end) {
        return new Cut(way, after, end, true);
    }

    /** Does something more at the moment of the cut, just before the connection ends. */
    public Cut then(Runnable more) {
        then = more;
        return this;
    }

    /** Whether it has been made. */
    public synchronized boolean made() {
        return made;
    }

    /** Called when its bytes have passed; returns what is to become of the connection. */
    End make() {
        then.run();
        return end;
    }

    /** How many bytes of the next {@code length} pass before the cut is to be made now; negative if it is not. */
    synchronized int before(Object link, Way going, int length) {
        if (made || going != way) {
            return -1;
        }
        Object counted = inAll ? this : link;
        long sum = carried.getOrDefault(counted, 0L);
        if (sum + length <= after) {
            carried.put(counted, sum + length);
            return -1;
        }
        made = true;
        carried.clear();
        return (int) (after - sum);
    }
}
