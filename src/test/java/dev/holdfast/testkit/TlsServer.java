package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * A PostgreSQL server of its own whose TLS and whose {@code pg_hba.conf} can be changed while it runs. Its own
 * connections are plain JDBC, unencrypted, as a role that is always let in.
 */
public final class TlsServer {

    public static final String ROLE = "holdfast";
    public static final String PASSWORD = "a-good-password";

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

    private final PostgresServer server = PostgresServer.start(Map.of("max_connections", "100"));
    private Setup current;

    /** The server that all tests of this JVM share, whatever its last user made of it; stopped when the JVM exits. */
    public static synchronized TlsServer shared() {
        if (shared == null) {
            shared = new TlsServer();
        }
        return shared;
    }

    private TlsServer() {
        server.administration().execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'");
        server.administration().execute("CREATE DATABASE holdfast OWNER " + ROLE);
    }

    public int port() {
        return server.port();
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
        String[] admission = setup.admission.split(" ", 2);
        server.admit(admission[0] + " all " + ROLE + " all " + admission[1]);
        if (setup.certificate != null) {
            replace(setup.certificate.certificate(), "server.crt");
            replace(setup.certificate.key(), "server.key");
        }
        if (setup.clients != null) {
            replace(setup.clients, "clients.crt");
        }
        server.set("ssl", setup.certificate == null ? "off" : "on");
        server.set("ssl_ca_file", setup.clients == null ? "" : "clients.crt");
        server.reload();
        current = setup;
    }

    /** As its administrator, who sees everything. */
    public void execute(String... statements) {
        for (String sql : statements) {
            server.administration().execute(sql);
        }
    }

    /** As its administrator. */
    public Connection connection() throws SQLException {
        return server.administration().connection();
    }

    /** As its administrator: the only column of the only row. */
    public String value(String sql) {
        return server.administration().value(Object.class, sql).toString();
    }

    /** Ends all connections of {@link #ROLE} from PostgreSQL's side. */
    public void terminateBackends() {
        server.terminate(ROLE, Integer.MAX_VALUE);
    }

    /** A copy keeps its permissions, which PostgreSQL checks for the key. */
    private void replace(Path file, String name) {
        try {
            Files.copy(
                    file,
                    server.directory().resolve(name),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
