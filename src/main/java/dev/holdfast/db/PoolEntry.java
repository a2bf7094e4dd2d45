package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/** A connection and where it is in its life; guarded by the pool's lock. */
final class PoolEntry {

    enum State {
        /** In Vert.x's pool, to be lent by it at any time. */
        PARKED,
        CHECKING,
        LEASED,
        CLOSING,
        CLOSED
    }

    final Link link;
    final long expiresAt;
    State state = State.PARKED;
    long lastUsedAt;
    /** Whether it is to be checked however short its rest was. */
    boolean suspect;

    long lentAt;

    @Nullable
    String closeReason;

    Runnable closeLimit = () -> {};

    PoolEntry(Link link, long expiresAt) {
        this.link = link;
        this.expiresAt = expiresAt;
    }
}
