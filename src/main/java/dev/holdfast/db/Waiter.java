package dev.holdfast.db;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who asks the pool for a connection. Exactly one of {@link #granted} and {@link #failed} is called, once, unless it
 * goes along with another.
 */
abstract class Waiter {

    private final Ticket ticket;
    private final Object home;
    private final @Nullable Kind kind;
    long askedAt;
    long givesUpAt;

    // Where it stands, while it does; see WaiterQueue.
    @Nullable
    WaiterQueue queue;

    @Nullable
    Waiter before;

    @Nullable
    Waiter after;

    /** @param read what others who wait may do at the same time; null for whoever has a connection for itself */
    Waiter(Ticket ticket, Object home, @Nullable Object read) {
        this.ticket = ticket;
        this.home = home;
        this.kind = read == null ? null : new Kind(ticket.project(), read);
    }

    /** Those of a share who ask for the same kind of read can go along with one of them. */
    record Kind(String project, Object read) {}

    final Ticket ticket() {
        return ticket;
    }

    /** The event loop on which a connection would be most useful. */
    final Object home() {
        return home;
    }

    final @Nullable Kind kind() {
        return kind;
    }

    /** Whether it is the request's deadline, and not the acquire timeout, that ends the wait. */
    final boolean endsWithRequest() {
        return givesUpAt == ticket.deadline().nanos();
    }

    /**
     * Called on any thread.
     *
     * @param company who goes along: others of its kind, which are not called themselves
     */
    abstract void granted(Lease lease, List<Waiter> company);

    /** Called on any thread. */
    abstract void failed(DbException failure);
}
