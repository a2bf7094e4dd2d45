package dev.holdfast.db;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The one way in which work on the database fails; classified once, where the failure is first seen. */
public final class DbException extends RuntimeException {

    /** What went wrong, as far as a caller can act on it. */
    public enum Kind {
        /** The project's own part of the queue is full. */
        SHARE_EXCEEDED,
        QUEUE_FULL,
        ACQUIRE_TIMEOUT,
        UNAVAILABLE,
        CREDENTIALS_REJECTED,
        /** A write was sent, its connection was lost, and replaying could not settle it in time. */
        OUTCOME_UNKNOWN,
        /** PostgreSQL refuses for want of connections, locks or configured limits. */
        OVERLOADED,
        DISK_FULL,
        READ_ONLY,
        STATEMENT_TIMEOUT,
        DEADLINE_EXCEEDED,
        /** SQLSTATE class 23; {@link #constraint()} names which. The statement's own repository knows what it means. */
        CONSTRAINT,
        /** Anything else: a bug of ours. */
        INTERNAL
    }

    private final Kind kind;
    private final @Nullable String sqlState;
    private final @Nullable String constraint;
    private final boolean write;
    private final boolean replayed;
    private final @Nullable Duration retryAfter;

    DbException(
            Kind kind,
            String message,
            @Nullable String sqlState,
            @Nullable String constraint,
            boolean write,
            boolean replayed,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(message, cause, false, kind == Kind.INTERNAL);
        this.kind = kind;
        this.sqlState = sqlState;
        this.constraint = constraint;
        this.write = write;
        this.replayed = replayed;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /** The five characters PostgreSQL gave, or null where the failure did not come from it. */
    public @Nullable String sqlState() {
        return sqlState;
    }

    /** The name of the violated constraint, or null. */
    public @Nullable String constraint() {
        return constraint;
    }

    /** Whether a write had been sent when this happened, so that it may have been committed. */
    public boolean writeSent() {
        return write;
    }

    /** Whether an earlier sending of the same statement was lost, and so may have been committed. */
    public boolean replayed() {
        return replayed;
    }

    /** This write's end where an earlier sending of it was lost, and what would tell whether that was committed failed too. */
    public DbException unsettled(Throwable cause) {
        return new DbException(
                Kind.OUTCOME_UNKNOWN,
                "The connection was lost while the write was under way, and it could not be found out whether it was done.",
                null,
                null,
                true,
                true,
                null,
                cause);
    }

    /** How long a client should wait before it tries again; null where trying again is no use or always fine. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
