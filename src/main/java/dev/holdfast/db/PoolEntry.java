package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/** A connection and where it is in its life; guarded by the pool's lock. */
final class PoolEntry {

    enum State {
        IDLE,
        CHECKING,
        LEASED,
        CLOSING,
        CLOSED
    }

    final Link link;
    final long expiresAt;
    State state = State.IDLE;
    long lastUsedAt;
    long lentAt;

    @Nullable
    String closeReason;

    Runnable closeLimit = () -> {};

    PoolEntry(Link link, long expiresAt) {
        this.link = link;
        this.expiresAt = expiresAt;
    }
}
