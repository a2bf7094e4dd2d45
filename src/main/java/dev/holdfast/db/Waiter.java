package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/** Somebody who asks the pool for a connection. Exactly one of {@link #granted} and {@link #failed} is called, once. */
abstract class Waiter {

    private final Ticket ticket;
    private final Object home;
    long askedAt;
    long givesUpAt;

    // Where it stands, while it does; see WaiterQueue.
    @Nullable
    WaiterQueue queue;

    @Nullable
    Waiter before;

    @Nullable
    Waiter after;

    Waiter(Ticket ticket, Object home) {
        this.ticket = ticket;
        this.home = home;
    }

    final Ticket ticket() {
        return ticket;
    }

    /** The event loop on which a connection would be most useful. */
    final Object home() {
        return home;
    }

    /** Whether it is the request's deadline, and not the acquire timeout, that ends the wait. */
    final boolean endsWithRequest() {
        return givesUpAt == ticket.deadline().nanos();
    }

    /** Called on any thread. */
    abstract void granted(Lease lease);

    /** Called on any thread. */
    abstract void failed(DbException failure);
}
