package dev.holdfast.memory;

import static dev.holdfast.testkit.Api.ADMIN_KEY;
import static dev.holdfast.testkit.Api.KEY;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.testkit.LogCapture;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to {@code /mcp} without being what an agent's client would send. */
@QuarkusTest
class McpGateTest {

    private static final String LIST = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";

    private static RequestSpecification mcp(String key) {
        return with(key).header("Accept", "application/json, text/event-stream");
    }

    private static Response call(String tool, String arguments) {
        return mcp(KEY).body(
                        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}"
                                .formatted(tool, arguments))
                .post("/mcp");
    }

    @Test
    void aRequestNeedsNoSessionAndHeedsNone() {
        mcp(KEY).body(LIST).post("/mcp").then().statusCode(200).body("result.tools.size()", is(12));
        mcp(KEY).header("Mcp-Session-Id", "of-another-replica")
                .body(LIST)
                .post("/mcp")
                .then()
                .statusCode(200)
                .body("result.tools.size()", is(12));
    }

    @Test
    void anInitializationGivesNoSessionId() {
        mcp(KEY).body(
                        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
                                + "\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}")
                .post("/mcp")
                .then()
                .statusCode(200)
                .header("Mcp-Session-Id", nullValue())
                .header("x-request-id", not(emptyString()))
                .body("result.serverInfo.name", is("holdfast"))
                .body("result.protocolVersion", is("2025-06-18"));
    }

    @Test
    void aKeyIsNeeded() {
        mcp("wrong-key-of-nobody-at-all-0123456789abcdef")
                .body(LIST)
                .post("/mcp")
                .then()
                .statusCode(401);
        mcp("").body(LIST).post("/mcp").then().statusCode(401).header("WWW-Authenticate", "Bearer");
    }

    @Test
    void aKeyWithoutTheScopeIsRefusedAndOneWithItAloneIsNot() {
        NewProject conversations = NewProject.create("{\"scopes\":[\"conversations\"]}");
        NewProject mcp = NewProject.create("{\"scopes\":[\"mcp\"]}");

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            mcp(conversations.key())
                    .body(LIST)
                    .post("/mcp")
                    .then()
                    .statusCode(403)
                    .body("error.code", is("insufficient_permissions"));
            mcp(mcp.key()).body(LIST).post("/mcp").then().statusCode(200);
        });
    }

    @Test
    void anAdministratorNamesTheProject() {
        String project = "t-" + UUID.randomUUID();
        admin().body("{\"id\":\"%s\",\"name\":\"t\"}".formatted(project)).post("/admin/projects");
        String wakeUp =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wake_up\",\"arguments\":{\"agent\":\"a\"}}}";

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> mcp(ADMIN_KEY)
                        .header("X-Holdfast-Project", project)
                        .body(wakeUp)
                        .post("/mcp")
                        .then()
                        .statusCode(200)
                        .body("result.structuredContent.project", is(project)));
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example.com, 403",
        "http://localhost.evil.example.com, 403",
        "https://127.0.0.1.evil.example.com:8080, 403",
        "null, 403",
        "http://localhost:6274, 200",
        "http://LOCALHOST, 200",
        "https://127.0.0.1:1, 200",
        "http://[::1]:8080, 200"
    })
    void pagesOfThisHostMayCallAndOthersMayNot(String origin, int status) {
        mcp(KEY).header("Origin", origin).body(LIST).post("/mcp").then().statusCode(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "PUT"})
    void thereAreNoStreamsAndNoSessionsToEnd(String method) {
        mcp(KEY).header("Mcp-Session-Id", "x")
                .request(method, "/mcp")
                .then()
                .statusCode(405)
                .header("Allow", "POST")
                .body("error.code", is("method_not_allowed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/mcp/sse", "/mcp/messages/x", "/mcp/ws"})
    void theOldTransportIsNotThere(String path) {
        mcp(KEY).get(path).then().statusCode(404).body("error.code", is("not_found"));
    }

    @Test
    void whoDoesNotAcceptAnAnswerGetsNone() {
        with(KEY)
                .header("Accept", "application/json")
                .body(LIST)
                .post("/mcp")
                .then()
                .statusCode(406);
    }

    @Test
    void aMessageMayNotBeLargerThanOneMebibyte() {
        mcp(KEY).body("x".repeat(McpGate.LARGEST + 1))
                .post("/mcp")
                .then()
                .statusCode(413)
                .body("error.code", is("request_too_large"));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("", -32700),
                Arguments.of("{", -32700),
                Arguments.of("[".repeat(5_000), -32700),
                Arguments.of("null", -32600),
                Arguments.of("7", -32600),
                Arguments.of("[" + LIST + "," + LIST + "]", -32600),
                Arguments.of("{}", -32600),
                Arguments.of("{\"id\":1,\"method\":\"ping\"}", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatIsNoMessageIsRefusedWithoutAWordInTheLog(String body, int code) {
        try (LogCapture log = LogCapture.ofEverything()) {
            mcp(KEY).body(body).post("/mcp").then().statusCode(400).body("error.code", equalTo(code));

            assertThat(log.lines())
                    .noneMatch(line -> line.level().intValue() >= Level.WARNING.intValue()
                            && !line.logger().contains("Monitor"));
        }
    }

    @ParameterizedTest
    @CsvSource({"resources/list", "prompts/get", "completion/complete", "q/close", "no/such"})
    void whatTheServerCannotDoIsAnError(String method) {
        mcp(KEY).body("{\"jsonrpc\":\"2.0\",\"id\":\"3\",\"method\":\"%s\",\"params\":{}}".formatted(method))
                .post("/mcp")
                .then()
                .statusCode(200)
                .body("id", is("3"))
                .body("error.code", is(-32601));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tools/call | null",
                "tools/call | []",
                "tools/call | {}",
                "tools/call | {\"name\":7}",
                "tools/call | {\"name\":\"sleep\",\"arguments\":7}",
                "tools/call | {\"name\":\"sleep\",\"_meta\":7}",
                "tools/list | {\"cursor\":\"x\"}",
                "tools/list | 7",
                "initialize | {}",
                "initialize | {\"protocolVersion\":7,\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}",
                "initialize | {\"protocolVersion\":\"2025-06-18\",\"clientInfo\":{\"name\":\"t\"}}",
                "initialize | {\"protocolVersion\":\"2025-06-18\",\"clientInfo\":7}",
                "logging/setLevel | {\"level\":7}"
            })
    void paramsOfTheWrongShapeAreAnError(String method, String params) {
        mcp(KEY).body("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"%s\",\"params\":%s}".formatted(method, params))
                .post("/mcp")
                .then()
                .statusCode(200)
                .body("id", is(3))
                .body("error.code", is(-32602));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ping | null",
                "ping | {\"x\":1}",
                "tools/list | {\"_meta\":{\"progressToken\":{}}}",
                "logging/setLevel | {\"level\":\"loud\"}",
                "logging/setLevel | {\"level\":\"debug\"}",
                "tools/call | {\"name\":\"get_last_handover\"}",
                "tools/call | {\"name\":\"get_last_handover\",\"_meta\":{\"progressToken\":[]}}",
                "initialize | {\"protocolVersion\":\"x\",\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"},\"capabilities\":{\"roots\":7}}"
            })
    void whateverElseComesIsAnswered(String method, String params) {
        mcp(KEY).body("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"%s\",\"params\":%s}".formatted(method, params))
                .header("X-Request-Timeout-Ms", 20_000)
                .post("/mcp")
                .then()
                .statusCode(200)
                .body("id", is(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
            })
    void whatWantsNoAnswerGetsNone(String message) {
        mcp(KEY).body(message).post("/mcp").then().statusCode(202).body(emptyString());
    }

    @Test
    void anUnknownToolIsAnErrorOfTheProtocol() {
        call("no_such_tool", "{}").then().statusCode(200).body("error.code", is(-32602));
    }

    static Stream<Arguments> badArguments() {
        String tag = "\"" + "x".repeat(65) + "\"";
        return Stream.of(
                Arguments.of("lock_context", "{}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":null}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":7}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\" \"}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"a\\u0000b\"}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"\\ud800\"}", "content"),
                Arguments.of(
                        "lock_context", "{\"topic\":\"t\",\"content\":\"" + "x".repeat(100_001) + "\"}", "content"),
                Arguments.of("lock_context", "{\"topic\":\"\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"" + "x".repeat(201) + "\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"a//b\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"/a\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"a/../b\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"a/" + "b/".repeat(15) + "c\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"a\\nb\",\"content\":\"c\"}", "topic"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"tags\":\"x\"}", "tags"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"tags\":[7]}", "tags"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"tags\":[\"\"]}", "tags"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"tags\":[" + tag + "]}", "tags"),
                Arguments.of(
                        "lock_context",
                        "{\"topic\":\"t\",\"content\":\"c\",\"tags\":[" + "\"x\",".repeat(16) + "\"y\"]}",
                        "tags"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"priority\":\"high\"}", "priority"),
                Arguments.of("lock_context", "{\"topic\":\"t\",\"content\":\"c\",\"colour\":\"red\"}", "colour"),
                Arguments.of("recall_context", "{\"topic\":\"t\",\"version\":\"2.0\"}", "version"),
                Arguments.of("recall_context", "{\"topic\":\"t\",\"version\":\"1.01\"}", "version"),
                Arguments.of("recall_context", "{\"topic\":\"t\",\"version\":\"1.9999999999\"}", "version"),
                Arguments.of("recall_context", "{\"topic\":\"t\",\"preview_only\":\"yes\"}", "preview_only"),
                Arguments.of("unlock_context", "{\"topic\":\"t\"}", "version"),
                Arguments.of("unlock_context", "{\"topic\":\"t\",\"version\":\"latest\"}", "version"),
                Arguments.of("list_contexts", "{\"limit\":0}", "limit"),
                Arguments.of("list_contexts", "{\"limit\":1.5}", "limit"),
                Arguments.of("list_contexts", "{\"limit\":1e99}", "limit"),
                Arguments.of("list_contexts", "{\"after\":\"//\"}", "topic"),
                Arguments.of("search_contexts", "{\"query\":\"" + "x".repeat(501) + "\"}", "query"),
                Arguments.of("search_contexts", "{\"query\":\"\"}", "query"),
                Arguments.of("check_contexts", "{\"text\":\"" + "x".repeat(8_001) + "\"}", "text"),
                Arguments.of("explore_context_tree", "{\"depth\":17}", "depth"),
                Arguments.of("sleep", "{\"summary\":\"" + "x".repeat(8_001) + "\"}", "summary"),
                Arguments.of("sleep", "{\"summary\":\"s\",\"agent\":\"" + "x".repeat(65) + "\"}", "agent"),
                Arguments.of("store_files", "{\"files\":[]}", "files"),
                Arguments.of("store_files", "{\"files\":{}}", "files"),
                Arguments.of("store_files", "{\"files\":[\"x\"]}", "files"),
                Arguments.of("store_files", "{\"files\":[{\"path\":\"a\"},{\"path\":\"a\"}]}", "files"),
                Arguments.of("store_files", "{\"files\":[{\"path\":\"a\",\"size\":1}]}", "files[0].size"),
                Arguments.of("store_files", "{\"files\":[{\"purpose\":\"p\"}]}", "files[0].path"),
                Arguments.of("query_files", "{\"query\":\"x\",\"after\":\"y\"}", "after"));
    }

    @ParameterizedTest
    @MethodSource("badArguments")
    void aBadArgumentIsNamedAndTakesNoConnection(String tool, String arguments, String param) {
        long before = acquired();

        call(tool, arguments)
                .then()
                .statusCode(200)
                .body("result.isError", is(true))
                .body("result.structuredContent.error.code", is("invalid_request"))
                .body("result.structuredContent.error.param", is(param))
                .body("result.structuredContent.error.retryable", is(false))
                .body("result.content[0].text", containsString("invalid_request"));

        assertThat(acquired()).isEqualTo(before);
    }

    private static long acquired() {
        return new JsonObject(admin().get("/admin/pool-status").asString()).getLong("acquired_total");
    }

    @Test
    void nullIsAsGoodAsNothing() {
        call("list_contexts", "{\"tag\":null,\"limit\":null}").then().body("result.isError", is(false));
    }

    @Test
    void theLargestContentIsKeptAsItIs() {
        String topic = "t-" + UUID.randomUUID();
        String content = "\u0001\uD83D\uDE00é\"\\\n".repeat(100_000 / 6) + "end";
        String arguments =
                new JsonObject().put("topic", topic).put("content", content).encode();

        call("lock_context", arguments).then().body("result.isError", is(false));

        assertThat(call("recall_context", new JsonObject().put("topic", topic).encode())
                        .<String>path("result.structuredContent.content"))
                .isEqualTo(content);
    }
}
