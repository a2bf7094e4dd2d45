package dev.holdfast.db;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the monitor knows of PostgreSQL.
 *
 * @param state {@code ok}, {@code unreachable} or {@code credentials_rejected}
 * @param since when this state began
 * @param lastOkAt when PostgreSQL last answered; null if it never has
 * @param latencyMillis how long its last answer took; 0 before the first
 * @param lastError why the last attempt failed; null in state {@code ok}
 */
public record DatabaseState(
        State state,
        Instant since,
        @Nullable Instant lastOkAt,
        double latencyMillis,
        @Nullable String lastError) {

    public enum State {
        OK,
        UNREACHABLE,
        CREDENTIALS_REJECTED;

        /** As pool-status and health write it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    DatabaseState ok(Instant now, double millis) {
        return new DatabaseState(State.OK, state == State.OK ? since : now, now, millis, null);
    }

    DatabaseState failed(ConnectFailure failure, Instant now) {
        State next = failure.kind() == DbException.Kind.CREDENTIALS_REJECTED
                ? State.CREDENTIALS_REJECTED
                : State.UNREACHABLE;
        return new DatabaseState(next, state == next ? since : now, lastOkAt, latencyMillis, failure.getMessage());
    }
}
