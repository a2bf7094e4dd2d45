package dev.holdfast.db;

import java.util.Objects;

/**
 * One SQL statement and what may be done with it when its connection is lost.
 *
 * @param operation the name in metrics and in the slow-work log, such as {@code items.list}; a constant, never user input
 * @param sql the statement, with {@code $1} parameters
 * @param write whether a connection lost after sending leaves the outcome unknown. A write is replayed all the same, so
 *     it must be safe to send twice: its ids are made before the first sending, and a unique violation on them in a
 *     replay means that the first sending was committed
 */
public record Statement(String operation, String sql, boolean write) {

    public Statement {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(sql, "sql");
    }

    public static Statement read(String operation, String sql) {
        return new Statement(operation, sql, false);
    }

    public static Statement write(String operation, String sql) {
        return new Statement(operation, sql, true);
    }
}
