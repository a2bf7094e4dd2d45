package dev.holdfast.health;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Management;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Readiness and pool-status, whatever the pool and PostgreSQL do: at once, and without a connection of the pool. */
@QuarkusTest
@TestProfile(SmallPool.class)
class ProbesUnderFaultTest {

    private static final Duration AT_ONCE = Duration.ofMillis(100);
    private static final int TRIES = 5;
    private static final Statement LOCK = Statement.read("test.lock", "SELECT pg_advisory_xact_lock_shared(77)");

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    ProxiedDatabase database;

    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void mend() {
        database.acceptLogIns();
        database.proxy().forward();
        becomes(DatabaseState.State.OK);
        await().until(() -> api().body("{}").post("/v1/conversations").statusCode() == 200);
        await().until(() -> pool.figures().inUse() == 0);
    }

    @Test
    void whenIdle() throws Exception {
        assertThat(probesAnswerAtOnce().getString("database.state")).isEqualTo("ok");
    }

    @Test
    void whenSaturatedWithAFullQueue() throws Exception {
        try (Connection holder = database.database().connection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("SELECT pg_advisory_xact_lock(77)");
            List<CompletableFuture<?>> work = saturate();

            api().body("{}")
                    .post("/v1/conversations")
                    .then()
                    .statusCode(503)
                    .body("error.code", equalTo("pool_queue_full"));
            JsonPath status = probesAnswerAtOnce();
            assertThat(status.getString("status")).isEqualTo("critical");
            assertThat(status.getInt("in_use")).isEqualTo(SmallPool.SIZE);
            assertThat(status.getInt("waiting")).isEqualTo(SmallPool.WAITING);
            assertThat(readiness().getBoolean("checks.find { it.name == 'connection-pool' }.data.saturated"))
                    .isTrue();

            holder.rollback();
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whenPostgresqlRefuses() throws Exception {
        database.proxy().refuse();
        database.proxy().reset();

        probesAnswerAtOnce();
        becomes(DatabaseState.State.UNREACHABLE);
        requestsFailWith("database_unavailable");
        assertThat(probesAnswerAtOnce().getString("database.state")).isEqualTo("unreachable");
    }

    @Test
    void whenPostgresqlIsSilent() throws Exception {
        newConversation();
        database.proxy().silence();
        CompletableFuture<HttpResponse<String>> caught = client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/v1/conversations"))
                        .header("Authorization", "Bearer " + Api.KEY)
                        .header("X-Request-Timeout-Ms", "8000")
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        await().until(() -> pool.figures().inUse() == 1);
        probesAnswerAtOnce();
        becomes(DatabaseState.State.UNREACHABLE);
        assertThat(probesAnswerAtOnce().getString("database.state")).isEqualTo("unreachable");
        assertThat(caught.get(20, TimeUnit.SECONDS).body()).contains("deadline_exceeded");
    }

    @Test
    void whenTheCredentialsAreRejected() throws Exception {
        database.rejectLogIns();
        database.terminateBackends();

        probesAnswerAtOnce();
        becomes(DatabaseState.State.CREDENTIALS_REJECTED);
        requestsFailWith("database_credentials_rejected");
        assertThat(probesAnswerAtOnce().getString("database.state")).isEqualTo("credentials_rejected");
    }

    private List<CompletableFuture<?>> saturate() {
        List<CompletableFuture<?>> work = new ArrayList<>();
        for (int i = 0; i < SmallPool.SIZE + SmallPool.WAITING; i++) {
            work.add(pool.query(
                            new Ticket("default", Deadline.in(Duration.ofSeconds(30))),
                            LOCK,
                            Tuple.tuple(),
                            rows -> rows.size())
                    .subscribeAsCompletionStage());
        }
        await().until(() ->
                pool.figures().inUse() == SmallPool.SIZE && pool.figures().waiting() == SmallPool.WAITING);
        return work;
    }

    private void becomes(DatabaseState.State state) {
        await().until(() -> monitor.state().state() == state);
    }

    private static void requestsFailWith(String code) {
        await().untilAsserted(() -> api().body("{}")
                .post("/v1/conversations")
                .then()
                .statusCode(503)
                .body("error.code", equalTo(code)));
    }

    /** What pool-status says. The best of a few tries counts: the machine that runs this is busy with other things too. */
    private JsonPath probesAnswerAtOnce() throws Exception {
        long asked = pool.figures().asked();
        String status = quickest("http://localhost:" + RestAssured.port + "/admin/pool-status");
        String ready = quickest(Management.url("/q/health/ready"));

        assertThat(ready).contains("\"database\"", "\"connection-pool\"", "\"ssl-reconnects\"");
        assertThat(pool.figures().asked()).as("requests for a connection").isEqualTo(asked);
        return JsonPath.from(status);
    }

    private String quickest(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + Api.ADMIN_KEY)
                .build();
        long best = Long.MAX_VALUE;
        String body = null;
        for (int i = 0; i < TRIES; i++) {
            long startedAt = System.nanoTime();
            body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            best = Math.min(best, System.nanoTime() - startedAt);
        }
        assertThat(Duration.ofNanos(best)).as(url).isLessThan(AT_ONCE);
        return body;
    }

    private static JsonPath readiness() {
        return RestAssured.get(Management.url("/q/health/ready")).jsonPath();
    }
}
