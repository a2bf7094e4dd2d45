package dev.holdfast.db;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the connections that nobody uses: Vert.x's pool. The pool's tests have a fake one.
 *
 * <p>It is asked for a connection, and not for a certain one. It answers each time, with what it chooses to lend: one that
 * was parked, one that has just been opened, or none. {@link #take} and {@link #park} are called under the pool's lock and
 * only take note; what they return does it, without the lock, and for each home in the order in which note was taken.
 */
interface Lender {

    /** Who is told what becomes of a connect attempt: of one of the first three, and of the last; on any thread. */
    interface Attempt {

        /** The connection is there, parked. */
        void opened(Link link);

        void failed(ConnectFailure failure);

        /** It was not needed. */
        void unused();

        void answered(@Nullable Link lent);
    }

    /** The home of a connection for which none is better than another. */
    @Nullable
    Object anyHome();

    /**
     * Asks for a connection, with leave to open one.
     *
     * @param home the event loop on which the connection should live
     * @return makes the attempt fail, if it has not ended
     */
    Runnable open(@Nullable Object home, Attempt attempt);

    /**
     * Asks for a parked connection.
     *
     * @param home where one should be parked
     * @param answered told on any thread what was lent
     */
    Runnable take(@Nullable Object home, Consumer<@Nullable Link> answered);

    /** Gives back a connection that was lent. */
    Runnable park(Link link);
}
