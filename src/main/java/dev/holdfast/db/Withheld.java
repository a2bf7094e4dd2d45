package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/**
 * What a statement failed with, but for its message: PostgreSQL and the driver quote parameters in theirs, and a cause
 * ends up in the log.
 */
final class Withheld extends RuntimeException {

    private Withheld(String message, Throwable failure) {
        super(message, null, false, true);
        setStackTrace(failure.getStackTrace());
    }

    /** @return null for null; a failure in words of our own as it is */
    static @Nullable Throwable of(@Nullable Throwable failure) {
        if (failure == null || failure instanceof DbException || failure instanceof ConnectFailure) {
            return failure;
        }
        String what = failure.getClass().getName();
        if (failure instanceof PgException refusal) {
            what += ", SQLSTATE " + refusal.getSqlState() + at(" in ", refusal.getRoutine())
                    + at(", table ", refusal.getTable()) + at(", column ", refusal.getColumn())
                    + at(", constraint ", refusal.getConstraint()) + at(", at character ", refusal.getPosition());
        }
        return new Withheld(what, failure);
    }

    private static String at(String label, @Nullable String value) {
        return value == null ? "" : label + value;
    }
}
