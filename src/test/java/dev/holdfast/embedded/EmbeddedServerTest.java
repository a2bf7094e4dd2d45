package dev.holdfast.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each run is a JVM of its own, as each run of dev mode is. */
class EmbeddedServerTest {

    @TempDir
    Path directory;

    private final List<Process> runs = new ArrayList<>();

    @BeforeEach
    void onlyWhereTheEmbeddedServerIsInUse() {
        assumeThat(System.getenv("DATABASE_URL"))
                .as("where a server was given, an embedded one may not even be able to run")
                .isNull();
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Process run : runs) {
            stop(run);
        }
    }

    @Test
    void dataOutliveARunThatEndsAndOneThatIsKilled() throws Exception {
        Run first = start();
        execute(first.url(), "CREATE TABLE kept AS SELECT 1 AS n");
        stop(first.process());
        assertThat(postmaster()).as("the server ends with its JVM").doesNotExist();

        Run second = start();
        execute(second.url(), "UPDATE kept SET n = 2");
        second.process().destroyForcibly().waitFor();
        assertThat(postmaster()).as("nobody was left to stop the server").exists();

        Run third = start();
        assertThat(value(third.url(), "SELECT n::text FROM kept")).isEqualTo("2");
    }

    @Test
    void aSecondRunBesideALiveOneSharesItsServer() throws Exception {
        Run first = start();
        Run second = start();

        assertThat(second.url()).isEqualTo(first.url());
        stop(second.process());
        assertThat(value(first.url(), "SELECT 'still here'")).isEqualTo("still here");
    }

    @Test
    void aProcessNumberThatHasGoneToSomebodyElseIsNoObstacle() throws Exception {
        stop(start().process());
        Files.write(postmaster(), List.of(Long.toString(ProcessHandle.current().pid()), data().toString(), "0", "1"));

        assertThat(value(start().url(), "SELECT 'started'")).isEqualTo("started");
        assertThat(ProcessHandle.current().isAlive()).isTrue();
    }

    @Test
    void commitsAreDurableAndTextIsUtf8InTheSameOrderEverywhere() throws Exception {
        String url = start().url();

        assertThat(value(url, "SHOW synchronous_commit")).isEqualTo("on");
        assertThat(value(url, "SHOW fsync")).isEqualTo("on");
        assertThat(value(url, "SHOW server_encoding")).isEqualTo("UTF8");
        assertThat(value(
                        url, "SELECT upper('é') || string_agg(t, '' ORDER BY t) FROM unnest('{é,b,😀,a,B}'::text[]) t"))
                .isEqualTo("ÉBabé😀");
    }

    private record Run(Process process, String url) {}

    private Path data() {
        return directory.resolve("postgresql");
    }

    private Path postmaster() {
        return data().resolve("postmaster.pid");
    }

    private Run start() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneRun.class.getName(),
                        data().toString())
                .redirectErrorStream(true)
                .start();
        runs.add(process);
        BufferedReader output = process.inputReader();
        List<String> seen = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("postgresql://")) {
                return new Run(process, line);
            }
            seen.add(line);
        }
        throw new AssertionError("it did not start: " + String.join("\n", seen));
    }

    private static void stop(Process run) throws InterruptedException {
        run.destroy();
        run.waitFor();
    }

    private static String value(String url, String sql) throws SQLException {
        try (Connection connection =
                        Migrator.dataSource(ConnectionUri.parse(url)).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection =
                        Migrator.dataSource(ConnectionUri.parse(url)).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Starts a server, says where it is, and waits to be ended. */
    static final class OneRun {

        public static void main(String[] args) throws InterruptedException {
            System.out.println(EmbeddedServer.startKeeping(Path.of(args[0])));
            Thread.currentThread().join();
        }
    }
}
