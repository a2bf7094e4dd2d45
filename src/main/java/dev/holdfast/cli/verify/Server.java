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
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** The server at the other end of one plain connection, with the role's own settings: nothing is set for the session. */
final class Server implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;

    private final ConnectionUri uri;
    private final Connection connection;
    private final ServerFacts facts;
    private final Pooler pooler;

    private Server(ConnectionUri uri, Connection connection) throws SQLException {
        this.uri = uri;
        this.connection = connection;
        this.facts = ServerFacts.read(this);
        this.pooler = Pooler.between(this);
    }

    static Server connect(ConnectionUri uri) throws SQLException {
        Connection connection = source(uri).getConnection();
        try {
            return new Server(uri, connection);
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
    Connection another() throws SQLException {
        return source(uri).getConnection();
    }

    /** A further connection on which every statement is prepared under a name, as the service does it. */
    Connection anotherThatPrepares() throws SQLException {
        PGSimpleDataSource source = source(uri);
        source.setPrepareThreshold(1);
        source.setPreparedStatementCacheQueries(0);
        return source.getConnection();
    }

    Connection connection() {
        return connection;
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

    /** The backend as it introduced itself, which is not the one that works if a pooler is in between. */
    int introducedAs() throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    /** The only row of a query, by column. */
    Map<String, @Nullable String> row(String sql) throws SQLException {
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
