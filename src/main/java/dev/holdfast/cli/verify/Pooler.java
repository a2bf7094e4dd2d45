package dev.holdfast.cli.verify;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * What stands between us and PostgreSQL, as far as it shows from here.
 *
 * @param statements whether prepared statements outlive their transaction's backend
 */
record Pooler(Mode mode, boolean statements) {

    /** When a client's backend is given to others. */
    enum Mode {
        /** There is no pooler. */
        NONE,
        SESSION,
        TRANSACTION,
        STATEMENT
    }

    private static final int TRIES = 5;
    private static final String BACKEND = "SELECT pg_backend_pid()";

    /** The name is taken, or nobody knows it. */
    private static final Set<String> LOST = Set.of("42P05", "26000");

    static Pooler between(Server server) throws SQLException {
        if (server.introducedAs() == server.facts().backend()) {
            return new Pooler(Mode.NONE, true);
        }
        if (!sharesBackends(server)) {
            return new Pooler(Mode.SESSION, true);
        }
        return new Pooler(hasTransactions(server) ? Mode.TRANSACTION : Mode.STATEMENT, keepsStatements(server));
    }

    /** Whether two clients that are both connected meet on one backend. */
    private static boolean sharesBackends(Server server) throws SQLException {
        try (Connection other = server.another()) {
            for (int i = 0; i < TRIES; i++) {
                if (backend(server.connection()) == backend(other)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean hasTransactions(Server server) throws SQLException {
        try (Connection other = server.another()) {
            other.setAutoCommit(false);
            backend(other);
            other.rollback();
            return true;
        } catch (SQLException e) {
            if ("08P01".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Two clients prepare the same name: unless the pooler tells them apart, they meet on the backend. */
    private static boolean keepsStatements(Server server) throws SQLException {
        try (Connection one = server.anotherThatPrepares();
                Connection other = server.anotherThatPrepares()) {
            boolean kept;
            try (PreparedStatement first = one.prepareStatement(BACKEND)) {
                first.executeQuery().close();
                kept = canPrepare(other);
            }
            // What was prepared is thrown away together with the next statement.
            backend(one);
            backend(other);
            return kept;
        }
    }

    private static boolean canPrepare(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BACKEND)) {
            statement.executeQuery().close();
            return true;
        } catch (SQLException e) {
            if (LOST.contains(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    private static int backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(BACKEND)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
