package dev.holdfast.db;

/** A connect attempt under way; guarded by the pool's lock. */
final class ConnectAttempt {

    final long startedAt;
    boolean overtaken;
    Runnable disarm = () -> {};
    private volatile Runnable giveUp = () -> {};

    ConnectAttempt(long startedAt) {
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
