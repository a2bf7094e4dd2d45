package dev.holdfast;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.problem.ProblemMapper;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.LogCapture;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the whole service logs, at its most talkative. */
@QuarkusTest
@TestProfile(SmallPool.class)
class LogTest {

    private static final String SECRET = "marked-secret";

    private static final Duration SLOW = Duration.ofMillis(5);

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    ProxiedDatabase database;

    private final LogCapture capture = LogCapture.ofEverything();

    @AfterEach
    void close() {
        capture.close();
        database.quickInserts();
        database.proxy().forward();
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        await().until(() -> api().body("{}").post("/v1/conversations").statusCode() == 200);
    }

    @Test
    void slowWorkIsLoggedWithTheIdOfItsRequest() {
        database.slowInserts(SLOW);
        List<String> ids = IntStream.range(0, 40).mapToObj(i -> "request-" + i).toList();
        // More requests at a time than connections, so that most statements run on another event loop than their
        // request.
        CompletableFuture.allOf(ids.stream()
                        .map(id -> CompletableFuture.runAsync(() -> await().until(() -> api().header("x-request-id", id)
                                        .body("{}")
                                        .post("/v1/conversations")
                                        .statusCode()
                                == 200)))
                        .toArray(CompletableFuture[]::new))
                .join();

        List<LogCapture.Line> slow = capture.lines().stream()
                .filter(line -> line.message().startsWith("Slow: conversations.create waited"))
                .toList();
        assertThat(slow).extracting(LogCapture.Line::requestId).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(slow.stream().filter(line -> line.level().getName().equals("WARN")))
                .as("the same within ten seconds is for those who look closely")
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void jsonLinesHaveTheRequestId() {
        ExtLogRecord record = new ExtLogRecord(Level.INFO, "Done", LogTest.class.getName());
        record.putMdc("requestId", "request-1");

        String line = LogCapture.consoleFormatter().format(record);

        assertThat(line.strip()).doesNotContain("\n");
        JsonPath json = JsonPath.from(line);
        assertThat(json.getString("message")).isEqualTo("Done");
        assertThat(json.getString("level")).isEqualTo("INFO");
        assertThat(json.getString("mdc.requestId")).isEqualTo("request-1");
    }

    @Test
    void requestsLeaveNoParameterAndNoSecret() {
        database.slowInserts(SLOW);
        String key = admin().body("{\"name\":\"marked-secret key\"}")
                .post("/admin/projects/default/keys")
                .jsonPath()
                .getString("key");
        String body = "{\"metadata\":{\"marked-secret-key\":\"marked-secret-value\"},\"items\":[{\"role\":\"user\","
                + "\"id\":\"marked-secret-id\",\"content\":\"marked-secret text\"}]}";
        String id = api().header("Idempotency-Key", SECRET)
                .body(body)
                .post("/v1/conversations")
                .path("id");
        api().body("{\"items\":[{\"role\":\"user\",\"id\":\"marked-secret-id\",\"content\":\"marked-secret text\"}]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(409);
        api().header("Idempotency-Key", SECRET)
                .body("{}")
                .post("/v1/conversations")
                .then()
                .statusCode(409);
        api().queryParam("metadata[marked-secret-key]", "marked-secret-value").get("/v1/conversations");
        api().queryParam("marked-secret", SECRET).get("/v1/conversations/marked-secret");
        api().body("{\"marked-secret\"").post("/v1/conversations").then().statusCode(400);
        api().body("{\"metadata\":{\"marked-secret\":1}}")
                .post("/v1/conversations")
                .then()
                .statusCode(400);
        admin().body("{\"name\":{\"marked-secret\":1}}")
                .post("/admin/projects")
                .then()
                .statusCode(400);
        with("marked-secret-wrong-key-0123456789")
                .get("/v1/conversations")
                .then()
                .statusCode(401);
        with(key).get("/v1/conversations");
        api().header("X-Request-Timeout-Ms", "1").body(body).post("/v1/conversations");

        assertNothingLeaked(key);
        assertThat(capture.messages()).anyMatch(line -> line.startsWith("Slow: conversations.create "));
    }

    @Test
    void outagesLeaveNoParameterAndNoSecret() throws Exception {
        try (Connection holder = database.database().connection()) {
            String id = newConversation();
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Void> caught = CompletableFuture.runAsync(
                    () -> api().body(message("marked-secret text")).post("/v1/conversations/{id}/items", id));
            await().until(() -> pool.figures().inUse() == 1);
            database.proxy().refuse();
            database.proxy().reset();
            await().until(() -> monitor.state().state() == DatabaseState.State.UNREACHABLE);
            await().until(() -> api().body(message("marked-secret text"))
                            .post("/v1/conversations/{id}/items", id)
                            .statusCode()
                    == 503);
            database.proxy().forward();
            holder.rollback();
            caught.get(40, TimeUnit.SECONDS);
        }

        assertNothingLeaked();
        assertThat(capture.messages()).anyMatch(line -> line.startsWith("A connect attempt failed: "));
    }

    @Test
    void aBugInAStatementLeavesNoParameter() {
        Statement statement = Statement.read("test.bug", "SELECT $1::text::int");
        DbException failure = catchThrowableOfType(
                DbException.class,
                () -> pool.query(
                                new Ticket("default", Deadline.in(Duration.ofSeconds(10))),
                                statement,
                                Tuple.of(SECRET),
                                rows -> rows.size())
                        .await()
                        .atMost(Duration.ofSeconds(10)));

        ProblemMapper.map(failure, 0, "request-1", false);

        assertNothingLeaked();
        assertThat(capture.lines())
                .filteredOn(line -> line.message().startsWith("Request request-1 failed by a bug"))
                .singleElement()
                .satisfies(line -> assertThat(line.failure()).contains("SQLSTATE 22P02"));
    }

    private void assertNothingLeaked(String... more) {
        List<String> secrets = Stream.concat(
                        Stream.of(SECRET, ProxiedDatabase.PASSWORD, Api.KEY, Api.ADMIN_KEY), Arrays.stream(more))
                .toList();
        assertThat(capture.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.toString()).doesNotContain(secrets));
    }
}
