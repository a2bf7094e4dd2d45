package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@link ProxiedDatabase} on a server of its own, which can be stopped and killed. The service must know its password,
 * which it has from a file.
 */
public final class OwnServer extends ProxiedDatabase {

    private PostgresServer server;
    private Path passwordFile;

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>(super.start());
        settings.computeIfPresent("holdfast.db.url", (key, url) -> url.replace(":" + PASSWORD + "@", "@"));
        passwordFile = server.directory().resolveSibling("password");
        passwordFile.toFile().deleteOnExit();
        hand(PASSWORD);
        settings.put("holdfast.db.password-file", passwordFile.toString());
        return settings;
    }

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

    /** PostgreSQL takes only this password from now on; connections that there are go on. */
    public void expect(String password) {
        database().execute("ALTER ROLE " + ROLE + " PASSWORD '" + password + "'");
    }

    /** Puts a password into the service's file, as whoever rotates it would: the file is there at every moment. */
    public void hand(String password) {
        try {
            Path next = Files.writeString(passwordFile.resolveSibling("password.next"), password + "\n");
            Files.move(next, passwordFile, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
