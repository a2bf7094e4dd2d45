package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

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

    static Pooler between(ConnectionUri uri, Connection connection, ServerFacts facts) throws SQLException {
        // A pooler introduces itself as some backend, and has another do the work.
        if (connection.unwrap(PGConnection.class).getBackendPID() == facts.backend()) {
            return new Pooler(Mode.NONE, true);
        }
        if (!sharesBackends(uri, connection)) {
            return new Pooler(Mode.SESSION, true);
        }
        return new Pooler(hasTransactions(uri) ? Mode.TRANSACTION : Mode.STATEMENT, keepsStatements(uri));
    }

    /** Whether two clients that are both connected meet on one backend. */
    private static boolean sharesBackends(ConnectionUri uri, Connection connection) throws SQLException {
        try (Connection other = Server.another(uri)) {
            for (int i = 0; i < TRIES; i++) {
                if (backend(connection) == backend(other)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean hasTransactions(ConnectionUri uri) throws SQLException {
        try (Connection other = Server.another(uri)) {
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
    private static boolean keepsStatements(ConnectionUri uri) throws SQLException {
        try (Connection one = Server.anotherThatPrepares(uri);
                Connection other = Server.anotherThatPrepares(uri)) {
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

    /** Asked without preparing anything. */
    private static int backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            try (ResultSet rows = statement.executeQuery(BACKEND)) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }
}
