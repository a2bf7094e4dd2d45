package dev.holdfast.cli.verify;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The server at the other end of one plain connection, with the role's own settings: nothing is set for the session. */
final class Server implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;

    private final ConnectionUri uri;
    private final Connection connection;
    private final ServerFacts facts;
    private final Pooler pooler;

    Server(ConnectionUri uri, Connection connection, ServerFacts facts, Pooler pooler) {
        this.uri = uri;
        this.connection = connection;
        this.facts = facts;
        this.pooler = pooler;
    }

    static Server connect(ConnectionUri uri) throws SQLException {
        Connection connection = source(uri).getConnection();
        try {
            ServerFacts facts = ServerFacts.of(row(connection, ServerFacts.SQL));
            return new Server(uri, connection, facts, Pooler.between(uri, connection, facts));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static PGSimpleDataSource source(ConnectionUri uri) {
        PGSimpleDataSource source = Migrator.dataSource(uri);
        source.setApplicationName("holdfast-verify");
        source.setConnectTimeout(PATIENCE_SECONDS);
        source.setLoginTimeout(PATIENCE_SECONDS);
        source.setSocketTimeout(PATIENCE_SECONDS);
        // A name that stays prepared would be in another client's way behind a pooler.
        source.setPrepareThreshold(0);
        return source;
    }

    /** A further connection. */
    static Connection another(ConnectionUri uri) throws SQLException {
        return source(uri).getConnection();
    }

    /** A further connection on which every statement is prepared under a name, as the service does it. */
    static Connection anotherThatPrepares(ConnectionUri uri) throws SQLException {
        PGSimpleDataSource source = source(uri);
        source.setPrepareThreshold(1);
        source.setPreparedStatementCacheQueries(0);
        return source.getConnection();
    }

    ConnectionUri uri() {
        return uri;
    }

    ServerFacts facts() {
        return facts;
    }

    Pooler pooler() {
        return pooler;
    }

    /** The only row of a query, by column. */
    Map<String, @Nullable String> row(String sql) throws SQLException {
        return row(connection, sql);
    }

    private static Map<String, @Nullable String> row(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            Map<String, @Nullable String> row = new LinkedHashMap<>();
            rows.next();
            for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                row.put(rows.getMetaData().getColumnLabel(column), rows.getString(column));
            }
            return row;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
