package dev.holdfast.fire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.PostgresServer;
import dev.holdfast.testkit.RawClient;
import dev.holdfast.testkit.RawClient.Answer;
import dev.holdfast.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM to the packaged service under load. */
class DrainIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SIGTERM = 128 + 15;
    /** Longer than the service goes on serving after SIGTERM. */
    private static final double LONG = 5;

    private static PostgresServer server;

    @TempDir
    Path directory;

    private TestDatabase database;
    private PackagedService service;
    private RawClient client;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start(Map.of("log_connections", "on"));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void makeDatabase() {
        database = server.administration().beside(true);
        new SlowConversations(database);
    }

    private void serve(String delay) throws Exception {
        service = PackagedService.serving(
                directory, Map.of("DATABASE_URL", database.url(), "QUARKUS_SHUTDOWN_DELAY", delay));
        client = new RawClient(service.port(), Api.KEY, PATIENCE);
        await().until(() -> readiness() == 200);
    }

    @AfterEach
    void end() {
        service.close();
        database.close();
    }

    @Test
    void whatWasAcceptedIsServedAndPostgresqlHearsAProperEnd() throws Exception {
        serve("3s");
        List<CompletableFuture<Answer>> lasting;
        Load load = Load.closed(16, () -> make(0.01));
        try (load) {
            await().until(() -> load.done().size() > 200);
            lasting = Stream.generate(() -> make(LONG)).limit(8).toList();
            await().until(() -> working() >= 8);

            service.terminate();
            await().until(() -> readiness() == 503);
            int before = load.done().size();
            await().until(() -> load.done().size() > before + 100);
            assertThat(readiness()).as("still going, but not to be sent more").isEqualTo(503);
        }
        for (CompletableFuture<Answer> one : lasting) {
            assertThat(one.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        }

        assertThat(service.exitCode()).isEqualTo(SIGTERM);
        assertThat(service.output()).doesNotContain("ERROR", "Timed out", "still open");
        assertThat(load.codes().keySet()).containsExactly("");
        assertThat(database.value(Long.class, "SELECT count(*) FROM conversations"))
                .isEqualTo(load.done().size() + lasting.size());
        assertThat(server.log())
                .contains("connection authorized: user=postgres")
                .doesNotContain("unexpected EOF", "could not receive data", "could not send data");
    }

    @Test
    void withPostgresqlAwayItEndsAllTheSame() throws Exception {
        serve("1s");
        assertThat(make(0.01).get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        server.stop();
        try {
            await().until(() -> make(0.01).get(30, TimeUnit.SECONDS).code().equals("database_unavailable"));
            service.terminate();

            assertThat(service.exitCode()).isEqualTo(SIGTERM);
            assertThat(service.output()).doesNotContain("Timed out");
        } finally {
            server.start();
        }
    }

    private CompletableFuture<Answer> make(double seconds) {
        return client.postAsync("/v1/conversations", SlowConversations.taking(seconds), null);
    }

    private long working() {
        return database.value(
                Long.class,
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdfast' AND wait_event = 'PgSleep'");
    }

    private int readiness() throws Exception {
        return new RawClient(service.managementPort(), Api.KEY, PATIENCE)
                .get("/q/health/ready")
                .status();
    }
}
