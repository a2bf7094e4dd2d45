package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;

/** Remembers the one answer that it gets. */
final class FakeWaiter extends Waiter {

    Lease lease;

    /** Whom it went along with, if it did. */
    FakeWaiter with;

    DbException failure;
    Consumer<Lease> onGranted = lease -> {};

    FakeWaiter(Ticket ticket, Object home) {
        this(ticket, home, null);
    }

    FakeWaiter(Ticket ticket, Object home, Object read) {
        super(ticket, home, read);
    }

    boolean answered() {
        return lease != null || failure != null;
    }

    FakeLink link() {
        return (FakeLink) lease.link();
    }

    @Override
    void granted(Lease lease, List<Waiter> company) {
        company.forEach(other -> ((FakeWaiter) other).takenAlong(this, lease));
        assertThat(answered()).as("answered twice").isFalse();
        this.lease = lease;
        onGranted.accept(lease);
    }

    private void takenAlong(FakeWaiter by, Lease lease) {
        assertThat(answered()).as("answered twice").isFalse();
        this.lease = lease;
        this.with = by;
    }

    @Override
    void failed(DbException failure) {
        assertThat(answered()).as("answered twice").isFalse();
        this.failure = failure;
    }
}
