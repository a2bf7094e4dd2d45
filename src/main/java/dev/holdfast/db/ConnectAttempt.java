package dev.holdfast.db;

import org.jspecify.annotations.Nullable;

/** A connect attempt under way; guarded by the pool's lock. */
final class ConnectAttempt {

    /** Where the connection will live. */
    final @Nullable Object home;

    final long startedAt;
    boolean overtaken;
    Runnable disarm = () -> {};
    private volatile Runnable giveUp = () -> {};

    ConnectAttempt(@Nullable Object home, long startedAt) {
        this.home = home;
        this.startedAt = startedAt;
    }

    void begun(Runnable giveUp) {
        this.giveUp = giveUp;
    }

    /** Makes it fail now, if it has not ended. */
    void giveUp() {
        giveUp.run();
    }
}
