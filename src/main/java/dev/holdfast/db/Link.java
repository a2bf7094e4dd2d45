package dev.holdfast.db;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One open connection as the pool sees it. The pool's tests have a fake one. */
interface Link {

    /** The event loop that the connection lives on. */
    Object home();

    boolean encrypted();

    /** Whether the last answer left a transaction open. */
    boolean inTransaction();

    /** Whether the lender can have it back: one that it lent on another event loop than the connection's it could lose. */
    boolean canBeParked();

    /** Calls back once, however the connection ends, with the error that PostgreSQL or the socket gave, or null. */
    void onClosed(Consumer<@Nullable Throwable> closed);

    /** A round trip that changes nothing; calls back with null, or with what failed. */
    void check(Consumer<@Nullable Throwable> done);

    /** Ends an idle connection in the protocol's order. */
    void close();

    /** Ends the connection at once, whatever it is doing, and has PostgreSQL cancel the statement. */
    void kill();
}
