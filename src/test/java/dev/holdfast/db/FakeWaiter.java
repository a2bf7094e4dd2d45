package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;

/** Remembers the one answer that it gets. */
final class FakeWaiter extends Waiter {

    Lease lease;
    DbException failure;
    Consumer<Lease> onGranted = lease -> {};

    FakeWaiter(Ticket ticket, Object home) {
        super(ticket, home);
    }

    boolean answered() {
        return lease != null || failure != null;
    }

    FakeLink link() {
        return (FakeLink) lease.link();
    }

    @Override
    void granted(Lease lease) {
        assertThat(answered()).as("answered twice").isFalse();
        this.lease = lease;
        onGranted.accept(lease);
    }

    @Override
    void failed(DbException failure) {
        assertThat(answered()).as("answered twice").isFalse();
        this.failure = failure;
    }
}
