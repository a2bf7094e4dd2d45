package dev.holdfast.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.TlsServer;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PgBouncer in front of a server that lets everybody in, in a directory of its own. */
final class PgBouncer implements AutoCloseable {

    private final Process process;
    final int port;

    /**
     * @param settings lines of its {@code [pgbouncer]} section
     */
    static PgBouncer start(Path directory, int server, String settings) throws IOException {
        return new PgBouncer(require(), directory, server, settings);
    }

    /** Ends the test as skipped where there is no PgBouncer; in CI, where there has to be one, as failed. */
    private static Path require() {
        Optional<Path> found = Arrays.stream(
                        (System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(found)
                    .as("pgbouncer on the PATH, as .ci/run provides it")
                    .isPresent();
        }
        assumeTrue(found.isPresent(), "pgbouncer is not on the PATH");
        return found.get();
    }

    private PgBouncer(Path binary, Path directory, int server, String settings) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        boolean root = "root".equals(System.getProperty("user.name"));
        // It refuses to run as root, and as somebody else it must get at its file.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path users = Files.writeString(directory.resolve("users.txt"), "\"" + TlsServer.ROLE + "\" \"\"\n");
        Path file = Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                * = host=127.0.0.1 port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = trust
                auth_file = %s
                %s
                %s
                """.formatted(
                        server, port, users, root ? "user = nobody" : "", settings));
        process = new ProcessBuilder(binary.toString(), file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        await().atMost(20, TimeUnit.SECONDS).until(() -> process.isAlive() && isListening());
    }

    /** The setting that has prepared statements mixed up, as PgBouncer did by itself before there was one. */
    static String mixingUpStatements() throws IOException {
        Process asked = new ProcessBuilder(require().toString(), "--version").start();
        String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        Matcher minor = Pattern.compile("PgBouncer 1\\.(\\d+)\\.").matcher(version);
        assertThat(minor.find()).as(version).isTrue();
        return Integer.parseInt(minor.group(1)) < 21 ? "" : "\nmax_prepared_statements = 0";
    }

    private boolean isListening() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
