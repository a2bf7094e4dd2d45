package dev.holdfast.db;

import java.time.Duration;

/** Failures as {@code db} makes them, for tests of those who take them. */
public final class DbFailures {

    private DbFailures() {}

    public static DbException of(DbException.Kind kind, String message) {
        return new DbException(kind, message, null, null, false, false, null, null);
    }

    public static DbException retryAfter(DbException.Kind kind, Duration wait) {
        return new DbException(kind, "later", null, null, false, false, wait, null);
    }

    public static DbException afterWrite(DbException.Kind kind, boolean replayed) {
        return new DbException(kind, "sent", null, null, true, replayed, null, null);
    }
}
