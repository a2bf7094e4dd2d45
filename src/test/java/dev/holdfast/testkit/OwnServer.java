package dev.holdfast.testkit;

import java.sql.SQLException;
import java.util.Map;

/** A {@link ProxiedDatabase} on a server of its own, which can be stopped and killed; the service needs its password. */
public final class OwnServer extends ProxiedDatabase {

    private PostgresServer server;

    @Override
    TestDatabase create() {
        // Few connections, soon used up; and tests that open thousands are not about the cost of SCRAM.
        server = PostgresServer.start(Map.of("max_connections", "60", "scram_iterations", "1"));
        server.admit("host all all localhost scram-sha-256");
        server.reload();
        return server.administration().beside(true);
    }

    @Override
    public void stop() {
        super.stop();
        server.close();
    }

    public PostgresServer server() {
        return server;
    }

    /** Ends some of the service's connections from PostgreSQL's side; returns how many. */
    public long terminate(int atMost) {
        return server.terminate(ROLE, atMost);
    }

    /** The service's connections as PostgreSQL counts them, in a state like this pattern; the monitor's is one of them. */
    public long backends(String state) {
        return server.administration()
                .value(
                        Long.class,
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = ? AND state LIKE ?",
                        ROLE,
                        state);
    }

    /** Leaves the service no connection that it could open, and none that it has; close it to give them back. */
    public PostgresServer.Hoard hoard() throws SQLException {
        String url = database().url().replace("//postgres@", "//" + ROLE + ":" + PASSWORD + "@");
        PostgresServer.Hoard free = server.hoard(url);
        proxy().hangUp();
        PostgresServer.Hoard given = server.hoard(url);
        return free.and(given);
    }
}
