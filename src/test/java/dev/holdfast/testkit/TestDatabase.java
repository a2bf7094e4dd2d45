package dev.holdfast.testkit;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import dev.holdfast.embedded.EmbeddedServer;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A PostgreSQL database for tests: most are on the server at {@code DATABASE_URL} or on the embedded one that the test JVM
 * starts once and stops when it exits. Its own connections are plain JDBC, one per call, so that they count in nobody's pool.
 */
public final class TestDatabase implements AutoCloseable {

    private static TestDatabase shared;

    private final String url;
    private final TestDatabase madeBy;

    private TestDatabase(String url, TestDatabase madeBy) {
        this.url = url;
        this.madeBy = madeBy;
    }

    /** A database that is there already, as it is. */
    public static TestDatabase at(String url) {
        return new TestDatabase(url, null);
    }

    /** The database that all tests of this JVM share, migrated. Tests tell their rows apart by project and id. */
    public static synchronized TestDatabase shared() {
        if (shared == null) {
            String given = System.getenv("DATABASE_URL");
            shared = at(given != null ? given : EmbeddedServer.startTemporary());
            shared.migrate();
        }
        return shared;
    }

    /** A further database on the shared server, empty but migrated; {@link #close()} drops it. */
    public static TestDatabase newDatabase() {
        return shared().beside(true);
    }

    /** A further database on the shared server with nothing in it at all; {@link #close()} drops it. */
    public static TestDatabase newUnmigratedDatabase() {
        return shared().beside(false);
    }

    /** A further database on the same server, empty but, if so wanted, migrated; {@link #close()} drops it. */
    public TestDatabase beside(boolean migrated) {
        String name = "holdfast_test_" + UUID.randomUUID().toString().replace("-", "");
        execute("CREATE DATABASE " + name);
        URI server = URI.create(url);
        String query = server.getRawQuery() == null ? "" : "?" + server.getRawQuery();
        TestDatabase made =
                new TestDatabase(server.getScheme() + "://" + server.getRawAuthority() + "/" + name + query, this);
        if (migrated) {
            made.migrate();
        }
        return made;
    }

    /** The libpq URI, as {@code DATABASE_URL} takes it. */
    public String url() {
        return url;
    }

    public Connection connection() throws SQLException {
        return Migrator.dataSource(uri()).getConnection();
    }

    /** The rows of a query, each a map from column to value in the order of the select list. */
    public List<Map<String, Object>> query(String sql, Object... parameters) {
        try (Connection connection = connection();
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<Map<String, Object>> all = new ArrayList<>();
            while (rows.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    row.put(rows.getMetaData().getColumnLabel(column), rows.getObject(column));
                }
                all.add(row);
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The only column of the only row. */
    public <T> T value(Class<T> type, String sql, Object... parameters) {
        List<Map<String, Object>> rows = query(sql, parameters);
        if (rows.size() != 1 || rows.get(0).size() != 1) {
            throw new AssertionError("not one value but " + rows + ": " + sql);
        }
        return type.cast(rows.get(0).values().iterator().next());
    }

    /** Runs a statement that is not a query; returns how many rows it changed. */
    public int execute(String sql, Object... parameters) {
        try (Connection connection = connection();
                PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Drops a database that was made here, whoever is connected to it still. */
    @Override
    public void close() {
        if (madeBy != null) {
            madeBy.execute("DROP DATABASE " + uri().database() + " WITH (FORCE)");
        }
    }

    private void migrate() {
        Migrator.migrate(uri());
    }

    private ConnectionUri uri() {
        return ConnectionUri.parse(url);
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }
}
