package dev.holdfast.testkit;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server of its own, for tests that stop it, kill it, or change how it lets clients in; its port stays the
 * same. Its own connections are plain JDBC, unencrypted, as a superuser who is always let in. Commits survive the death
 * of its processes, not that of the machine.
 */
public final class PostgresServer implements AutoCloseable {

    private static final String ADMINISTRATOR = """
            host all postgres 127.0.0.1/32 trust
            host all postgres ::1/128 trust
            """;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedPostgres server;
    private final TestDatabase administration;
    private final Path directory;
    private final Path log;
    /** What the operating system was told to run: it is run again as it was. */
    private final List<String> command = new ArrayList<>();

    /** Starts one with these settings on top of PostgreSQL's own; it is stopped when the JVM exits, if not before. */
    public static PostgresServer start(Map<String, String> settings) {
        try {
            return new PostgresServer(settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PostgresServer(Map<String, String> settings) throws IOException {
        Path parent = Files.createTempDirectory("holdfast-server");
        parent.toFile().deleteOnExit();
        log = parent.resolve("postgresql.log");
        log.toFile().deleteOnExit();
        directory = Files.createDirectory(parent.resolve("postgresql"));
        ProcessBuilder.Redirect redirect = ProcessBuilder.Redirect.appendTo(log.toFile());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setCleanDataDirectory(true)
                .setPGStartupWait(PATIENCE)
                .setOverrideWorkingDirectory(
                        Path.of(".holdfast", "binaries").toAbsolutePath().toFile())
                .setOutputRedirector(redirect)
                .setErrorRedirector(redirect)
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("synchronous_commit", "on")
                .setConnectConfig("sslmode", "disable");
        settings.forEach(builder::setServerConfig);
        server = builder.start();
        administration =
                TestDatabase.at("postgresql://postgres@localhost:" + server.getPort() + "/postgres?sslmode=disable");
        if (LinuxUtils.isUnshareAvailable()) {
            command.addAll(List.of("unshare", "-U"));
        }
        ProcessHandle.Info postmaster = postmaster().info();
        command.add(postmaster.command().orElseThrow());
        command.addAll(Arrays.asList(postmaster.arguments().orElseThrow()));
    }

    public int port() {
        return server.getPort();
    }

    public Path directory() {
        return directory;
    }

    /** The superuser's own database; others can be made beside it. */
    public TestDatabase administration() {
        return administration;
    }

    /** What the server has logged since its first start. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets in, besides the superuser, whom these lines of {@code pg_hba.conf} let in; holds for new connections. */
    public void admit(String lines) {
        try {
            Files.writeString(directory.resolve("pg_hba.conf"), ADMINISTRATOR + lines + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets parameters of the server, some of which apply only after {@link #reload()} and some only after a restart. */
    public void set(String parameter, String value) {
        administration.execute("ALTER SYSTEM SET " + parameter + " = '" + value + "'");
    }

    /** Has the server read its files again; returns when whoever connects meets what they say. */
    public void reload() {
        Object before = loadedAt();
        administration.value(Boolean.class, "SELECT pg_reload_conf()");
        // A backend has what the server had when it was forked.
        await().pollDelay(Duration.ZERO)
                .pollInterval(5, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE)
                .until(() -> !loadedAt().equals(before));
    }

    private Object loadedAt() {
        return administration.value(Object.class, "SELECT pg_conf_load_time()");
    }

    /** Whether writes are refused with SQLSTATE 25006, as by a standby; sessions that there are learn it too. */
    public void readOnly(boolean readOnly) {
        set("default_transaction_read_only", readOnly ? "on" : "off");
        reload();
    }

    /** Shuts the server down without waiting for clients ({@code fast}); returns when it has gone. */
    public void stop() {
        ProcessHandle postmaster = postmaster();
        signal("INT", postmaster);
        awaitEnd(List.of(postmaster));
    }

    /** {@code kill -9} for the postmaster and all of its children; returns when they have gone. */
    public void kill() {
        ProcessHandle postmaster = postmaster();
        // Stopped first: it might fork another child while its children are being counted.
        signal("STOP", postmaster);
        List<ProcessHandle> all = new ArrayList<>(postmaster.children().toList());
        all.add(0, postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(all);
        try {
            // Its number may be somebody else's by the time the server starts again, which would then refuse to.
            Files.delete(directory.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a server that was stopped or killed.
     *
     * @return when it first let a client in, on the clock of {@link System#nanoTime()}
     */
    public long start() {
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().pollDelay(Duration.ZERO)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE)
                .until(this::letsIn);
        return System.nanoTime();
    }

    private boolean letsIn() throws SQLException {
        try (Connection connection = administration.connection()) {
            return connection.isValid(5);
        } catch (SQLException e) {
            // Not listening yet, or still recovering; anything else would not pass by itself.
            if ("08001".equals(e.getSQLState()) || "57P03".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Ends connections of a role from PostgreSQL's side, as many as that, whichever it finds; returns how many. */
    public long terminate(String role, int atMost) {
        return administration.value(Long.class, """
                SELECT count(pg_terminate_backend(pid)) FROM (
                    SELECT pid FROM pg_stat_activity WHERE usename = ? ORDER BY random() LIMIT ?) AS found
                """, role, atMost);
    }

    /**
     * Takes connections as an ordinary role until the server has none left for such roles (SQLSTATE 53300).
     *
     * @param url a libpq URI with user and password
     * @return gives them back
     */
    public Hoard hoard(String url) throws SQLException {
        List<Connection> taken = new ArrayList<>();
        while (true) {
            try {
                taken.add(TestDatabase.at(url).connection());
            } catch (SQLException e) {
                if ("53300".equals(e.getSQLState())) {
                    return new Hoard(taken);
                }
                throw e;
            }
        }
    }

    /** Connections that are good for nothing but being taken. */
    public record Hoard(List<Connection> taken) implements AutoCloseable {

        Hoard and(Hoard other) {
            List<Connection> both = new ArrayList<>(taken);
            both.addAll(other.taken);
            return new Hoard(both);
        }

        @Override
        public void close() throws SQLException {
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    /** Stops the server and removes what it kept. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessHandle postmaster() {
        try {
            String first =
                    Files.readAllLines(directory.resolve("postmaster.pid")).get(0);
            return ProcessHandle.of(Long.parseLong(first.strip())).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(String name, ProcessHandle process) {
        try {
            int code = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -" + name + " ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE)
                .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
    }
}
