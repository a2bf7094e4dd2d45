package dev.holdfast.http;

import dev.holdfast.db.Statement;
import io.vertx.sqlclient.Tuple;

/**
 * One list by id as four statements: up or down, from the start or from an id. One statement for all would hide the range
 * from the planner, and then every page reads the whole table.
 */
public record KeysetStatements(Statement firstUp, Statement firstDown, Statement nextUp, Statement nextDown) {

    /**
     * @param sql with {@code %1$s} for the condition and {@code %2$s} for the direction
     * @param condition with {@code %s} for the comparison; its parameter is the last one
     */
    public KeysetStatements(String operation, String sql, String condition) {
        this(
                Statement.read(operation, sql.formatted("", "asc")),
                Statement.read(operation, sql.formatted("", "desc")),
                Statement.read(operation, sql.formatted(condition.formatted(">"), "asc")),
                Statement.read(operation, sql.formatted(condition.formatted("<"), "desc")));
    }

    public Statement of(PageRequest page) {
        boolean up = page.order() == PageRequest.Order.ASC;
        if (page.after() == null) {
            return up ? firstUp : firstDown;
        }
        return up ? nextUp : nextDown;
    }

    public Tuple withCursor(Tuple params, PageRequest page) {
        return page.after() == null ? params : params.addString(page.after());
    }
}
