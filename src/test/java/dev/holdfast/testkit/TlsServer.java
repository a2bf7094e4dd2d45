package dev.holdfast.testkit;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server of its own whose TLS and whose {@code pg_hba.conf} can be changed while it runs. Its own
 * connections are plain JDBC, unencrypted, as a role that is always let in.
 */
public final class TlsServer {

    public static final String ROLE = "holdfast";
    public static final String PASSWORD = "a-good-password";

    private static final String ADMINISTRATOR = """
            host all postgres 127.0.0.1/32 trust
            host all postgres ::1/128 trust
            """;
    private static TlsServer shared;

    /**
     * @param certificate null for a server without TLS
     * @param clients PEM, the authority that clients' certificates are asked from; null where none are asked for
     * @param admission how {@link #ROLE} is let in, a type and a method of {@code pg_hba.conf}, such as {@code hostssl trust}
     */
    public record Setup(Certificates.Issued certificate, Path clients, String admission) {

        public static Setup tls(Certificates.Issued certificate) {
            return new Setup(certificate, null, "host trust");
        }

        public static Setup withoutTls() {
            return tls(null);
        }

        public Setup asking(Path clients) {
            return new Setup(certificate, clients, admission);
        }

        public Setup admitting(String admission) {
            return new Setup(certificate, clients, admission);
        }
    }

    private final EmbeddedPostgres server;
    private final Path directory;
    private Setup current;

    /** The server that all tests of this JVM share, whatever its last user made of it; stopped when the JVM exits. */
    public static synchronized TlsServer shared() {
        if (shared == null) {
            shared = new TlsServer();
        }
        return shared;
    }

    private TlsServer() {
        try {
            Path parent = Files.createTempDirectory("holdfast-tls");
            parent.toFile().deleteOnExit();
            Path log = parent.resolve("postgresql.log");
            log.toFile().deleteOnExit();
            directory = parent.resolve("postgresql");
            Files.createDirectory(directory);
            ProcessBuilder.Redirect redirect = ProcessBuilder.Redirect.appendTo(log.toFile());
            server = EmbeddedPostgres.builder()
                    .setDataDirectory(directory)
                    .setCleanDataDirectory(true)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setOverrideWorkingDirectory(
                            Path.of(".holdfast", "binaries").toAbsolutePath().toFile())
                    .setOutputRedirector(redirect)
                    .setErrorRedirector(redirect)
                    .setServerConfig("unix_socket_directories", "")
                    // PostgreSQL's default; the builder's is higher.
                    .setServerConfig("max_connections", "100")
                    .setConnectConfig("sslmode", "disable")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'", "CREATE DATABASE holdfast OWNER " + ROLE);
    }

    public int port() {
        return server.getPort();
    }

    /** The libpq URI by which {@link #ROLE} comes in, with its password. */
    public String url(String host) {
        return "postgresql://" + ROLE + ":" + PASSWORD + "@" + host + ":" + port() + "/holdfast";
    }

    /** Applies to whoever connects after this; connections that there are stay as they are. */
    public synchronized void use(Setup setup) {
        if (setup.equals(current)) {
            return;
        }
        current = null;
        try {
            String[] admission = setup.admission.split(" ", 2);
            Files.writeString(
                    directory.resolve("pg_hba.conf"),
                    ADMINISTRATOR + admission[0] + " all " + ROLE + " all " + admission[1] + "\n");
            if (setup.certificate != null) {
                replace(setup.certificate.certificate(), "server.crt");
                replace(setup.certificate.key(), "server.key");
            }
            if (setup.clients != null) {
                replace(setup.clients, "clients.crt");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String before = loadedAt();
        execute(
                "ALTER SYSTEM SET ssl = " + (setup.certificate == null ? "off" : "on"),
                "ALTER SYSTEM SET ssl_ca_file = '" + (setup.clients == null ? "" : "clients.crt") + "'",
                "SELECT pg_reload_conf()");
        // A backend has what the server had when it was forked.
        await().pollDelay(Duration.ZERO)
                .pollInterval(5, TimeUnit.MILLISECONDS)
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> !loadedAt().equals(before));
        current = setup;
    }

    /** The only column of the only row. */
    public String value(String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private String loadedAt() {
        return value("SELECT pg_conf_load_time()");
    }

    /** As its administrator. */
    public void execute(String... statements) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(String.join("; ", statements), e);
        }
    }

    /** A copy keeps its permissions, which PostgreSQL checks for the key. */
    private void replace(Path file, String name) throws IOException {
        Files.copy(
                file, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }
}
