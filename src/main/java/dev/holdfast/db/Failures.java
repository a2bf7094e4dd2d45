package dev.holdfast.db;

import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says once what a failed statement means, by SQLSTATE and exception type. */
final class Failures {

    /** What may be done after a failure. */
    enum Next {
        /** The statement did nothing that lasts: report it. */
        REPORT,
        /** The statement was rolled back through no fault of its own: run it again. */
        AGAIN,
        /** The connection is gone, and with it the knowledge whether the statement was committed. */
        LOST,
        /** A bug of ours met the driver in mid-statement: report it, and trust the connection no more. */
        BROKEN
    }

    record Verdict(DbException.Kind kind, Next next) {}

    private Failures() {}

    static Verdict classify(Throwable failure) {
        if (failure instanceof PgException refusal) {
            return classify(refusal.getSqlState());
        }
        if (failure instanceof DbException refusal) {
            return new Verdict(refusal.kind(), Next.REPORT);
        }
        // NoStackTraceThrowable and VertxException are what the driver fails with when the socket has gone.
        boolean lost = failure instanceof ClosedConnectionException
                || failure instanceof IOException
                || failure instanceof VertxException
                || failure instanceof NoStackTraceThrowable;
        return lost
                ? new Verdict(DbException.Kind.UNAVAILABLE, Next.LOST)
                : new Verdict(DbException.Kind.INTERNAL, Next.BROKEN);
    }

    private static Verdict classify(String sqlState) {
        return switch (sqlState) {
            case "40001", "40P01" -> new Verdict(DbException.Kind.OVERLOADED, Next.AGAIN);
            case "53300", "53400", "55P03" -> new Verdict(DbException.Kind.OVERLOADED, Next.AGAIN);
            case "57P01", "57P02", "57P03", "57P05" -> new Verdict(DbException.Kind.UNAVAILABLE, Next.LOST);
            case "53100" -> new Verdict(DbException.Kind.DISK_FULL, Next.REPORT);
            case "25006" -> new Verdict(DbException.Kind.READ_ONLY, Next.REPORT);
            case "57014" -> new Verdict(DbException.Kind.STATEMENT_TIMEOUT, Next.REPORT);
            default -> {
                if (sqlState.startsWith("08")) {
                    yield new Verdict(DbException.Kind.UNAVAILABLE, Next.LOST);
                }
                if (sqlState.startsWith("23")) {
                    yield new Verdict(DbException.Kind.CONSTRAINT, Next.REPORT);
                }
                yield new Verdict(DbException.Kind.INTERNAL, Next.REPORT);
            }
        };
    }

    /** A failure in which no statement of the request had any part. */
    static DbException of(
            DbException.Kind kind, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        return new DbException(kind, message, null, null, false, false, retryAfter, cause);
    }

    /**
     * @param write whether a write had been sent
     * @param replayed whether an earlier sending was lost
     */
    static DbException ofStatement(
            DbException.Kind kind, String message, boolean write, boolean replayed, @Nullable Throwable cause) {
        PgException refusal = cause instanceof PgException pg ? pg : null;
        return new DbException(
                kind,
                message,
                refusal == null ? null : refusal.getSqlState(),
                refusal == null ? null : refusal.getConstraint(),
                write,
                replayed,
                null,
                Withheld.of(cause));
    }
}
