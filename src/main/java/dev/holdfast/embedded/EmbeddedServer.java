package dev.holdfast.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/** One PostgreSQL server per JVM, stopped when the JVM exits. */
public final class EmbeddedServer {

    // A class of the application is loaded anew by every live reload and every test profile: a property outlasts them.
    private static final String URL_PROPERTY = "dev.holdfast.embedded.url";
    private static final String DATABASE = "holdfast";
    private static final Path BINARIES = Path.of(".holdfast", "binaries");
    private static final Duration START = Duration.ofSeconds(60);

    private EmbeddedServer() {}

    /**
     * Starts a server whose data are kept in {@code directory}, or finds the one that serves them already.
     *
     * @return the libpq URI of an empty or kept database of UTF-8 text
     * @throws IllegalStateException if PostgreSQL cannot be started; the message says why
     */
    public static synchronized String startKeeping(Path directory) {
        return running().orElseGet(() -> start(directory.toAbsolutePath().normalize(), true));
    }

    /**
     * Starts a server in a temporary directory, which goes when the JVM exits. It does without fsync, so a crash of the
     * machine, unlike one of PostgreSQL, would lose commits.
     *
     * @return the libpq URI of an empty database of UTF-8 text
     */
    public static synchronized String startTemporary() {
        if (running().isPresent()) {
            return running().get();
        }
        try {
            Path parent = Files.createTempDirectory("holdfast");
            Path directory = parent.resolve("postgresql");
            // What was registered last goes first, and all of it after the server's own end.
            parent.toFile().deleteOnExit();
            log(directory).toFile().deleteOnExit();
            return start(directory, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> running() {
        return Optional.ofNullable(System.getProperty(URL_PROPERTY));
    }

    private static String start(Path directory, boolean keep) {
        refuseRootWithoutNamespaces();
        try {
            Files.createDirectories(directory);
            Optional<Integer> shared = keep ? Leftover.of(directory).settle() : Optional.empty();
            int port = shared.isPresent() ? shared.get() : startServer(directory, keep);
            String url = "postgresql://postgres@localhost:" + port + "/" + DATABASE;
            System.setProperty(URL_PROPERTY, url);
            return url;
        } catch (IOException | SQLException | IllegalStateException e) {
            throw new IllegalStateException(
                    "The embedded PostgreSQL did not start: " + e.getMessage() + "; see " + log(directory), e);
        }
    }

    private static int startServer(Path directory, boolean keep) throws IOException, SQLException {
        Files.deleteIfExists(log(directory));
        ProcessBuilder.Redirect log =
                ProcessBuilder.Redirect.appendTo(log(directory).toFile());
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setCleanDataDirectory(!keep)
                .setPGStartupWait(START)
                // Not the system's temporary directory: that may be swept, or forbid to run what is in it.
                .setOverrideWorkingDirectory(BINARIES.toAbsolutePath().toFile())
                .setOutputRedirector(log)
                .setErrorRedirector(log)
                // The same order of text on every platform; C.UTF-8 of the C library is not on all of them.
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("fsync", keep ? "on" : "off")
                // Two servers in containers that share a /tmp would otherwise meet there.
                .setServerConfig("unix_socket_directories", "")
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            boolean present;
            try (ResultSet rows =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                present = rows.next();
            }
            if (!present) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
        }
        return server.getPort();
    }

    // PostgreSQL will not run as root; with user namespaces it is somebody else inside one, without them it fails late.
    private static void refuseRootWithoutNamespaces() {
        if ("root".equals(System.getProperty("user.name"))
                && System.getProperty("os.name").startsWith("Linux")
                && !LinuxUtils.isUnshareAvailable()) {
            throw new IllegalStateException(
                    "PostgreSQL refuses to run as root, and this container has no user namespaces to"
                            + " run it as somebody else: use another user, or set DATABASE_URL to a server of yours");
        }
    }

    private static Path log(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".log");
    }
}
