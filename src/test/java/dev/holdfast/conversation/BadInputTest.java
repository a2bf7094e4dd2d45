package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.db.Database;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a request by itself is answered from the contract's table and takes no connection. */
@QuarkusTest
class BadInputTest {

    @Inject
    Database database;

    static Stream<Arguments> bodies() {
        String pairs = Stream.iterate(0, i -> i + 1)
                .limit(17)
                .map(i -> "\"k" + i + "\":\"v\"")
                .collect(Collectors.joining(","));
        String items = Stream.iterate(0, i -> i + 1)
                .limit(21)
                .map(i -> "{\"role\":\"user\",\"content\":\"x\"}")
                .collect(Collectors.joining(","));
        return Stream.of(
                Arguments.of("malformed JSON", utf8("{\"metadata\":"), null),
                Arguments.of("trailing text", utf8("{} x"), null),
                Arguments.of("an array", utf8("[]"), null),
                Arguments.of("a raw control character", utf8("{\"metadata\":{\"a\":\"\u0001\"}}"), null),
                Arguments.of(
                        "invalid UTF-8", new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'}, null),
                Arguments.of("a duplicate key", utf8("{\"metadata\":{},\"metadata\":{}}"), "metadata"),
                Arguments.of("metadata of the wrong type", utf8("{\"metadata\":[]}"), "metadata"),
                Arguments.of("a value that is no string", utf8("{\"metadata\":{\"a\":1}}"), "metadata.a"),
                Arguments.of("too many pairs", utf8("{\"metadata\":{" + pairs + "}}"), "metadata"),
                Arguments.of("a long key", utf8("{\"metadata\":{\"" + "k".repeat(65) + "\":\"v\"}}"), null),
                Arguments.of("a long value", utf8("{\"metadata\":{\"k\":\"" + "v".repeat(513) + "\"}}"), "metadata.k"),
                Arguments.of("U+0000", utf8("{\"metadata\":{\"k\":\"\\u0000\"}}"), "metadata.k"),
                Arguments.of("a lone surrogate", utf8("{\"metadata\":{\"k\":\"\\ud800\"}}"), "metadata.k"),
                Arguments.of("items of the wrong type", utf8("{\"items\":{}}"), "items"),
                Arguments.of("an item of the wrong type", utf8("{\"items\":[1]}"), "items[0]"),
                Arguments.of("too many items", utf8("{\"items\":[" + items + "]}"), "items"),
                Arguments.of(
                        "a duplicate key in an item",
                        utf8("{\"items\":[{\"role\":\"user\",\"role\":\"user\",\"content\":\"x\"}]}"),
                        "items[0].role"),
                Arguments.of(
                        "an unknown role",
                        utf8("{\"items\":[{\"role\":\"boss\",\"content\":\"x\"}]}"),
                        "items[0].role"),
                Arguments.of(
                        "a bad id",
                        utf8("{\"items\":[{\"id\":\"\\u0000\",\"role\":\"user\",\"content\":\"x\"}]}"),
                        "items[0].id"),
                Arguments.of("deep nesting", utf8("{\"items\":[{\"type\":\"t\",\"x\":" + "[".repeat(100_000)), null));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void badBodiesAreRefusedWithoutAConnection(String what, byte[] body, String param) {
        long before = database.figures().asked();
        Response answer = api().body(body).post("/v1/conversations");
        assertThat(database.figures().asked()).isEqualTo(before);
        answer.then()
                .statusCode(400)
                .header("x-request-id", notNullValue())
                .body("error.code", equalTo("invalid_request"))
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.message", notNullValue())
                .body("error", hasKey("param"));
        if (param != null) {
            answer.then().body("error.param", equalTo(param));
        }
    }

    static Stream<Arguments> requests() {
        String known = "/v1/conversations/conv_" + "a".repeat(40);
        return Stream.of(
                Arguments.of("GET", "/v1/conversations?limit=0", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations?limit=101", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations?limit=x", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations?order=up", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations?after=nonsense", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations?metadata=x", "", 400, "invalid_request"),
                Arguments.of("GET", known + "/items?limit=-1", "", 400, "invalid_request"),
                Arguments.of("GET", known + "/items?after=%00", "", 400, "invalid_request"),
                Arguments.of("GET", known + "/items?order=DESC", "", 400, "invalid_request"),
                Arguments.of("POST", known, "{}", 400, "invalid_request"),
                Arguments.of("POST", known + "/items", "{\"items\":[]}", 400, "invalid_request"),
                Arguments.of("POST", known + "/items", "{}", 400, "invalid_request"),
                Arguments.of("POST", known + "/items", "", 400, "invalid_request"),
                Arguments.of("GET", "/v1/conversations/nonsense", "", 404, "not_found"),
                Arguments.of("GET", "/v1/conversations/conv_%00", "", 404, "not_found"),
                Arguments.of("DELETE", "/v1/conversations/conv_short", "", 404, "not_found"),
                Arguments.of("GET", known + "/items/%F0%9F%98%80", "", 404, "not_found"),
                Arguments.of("GET", "/v1/nothing", "", 404, "not_found"),
                Arguments.of("PUT", "/v1/conversations", "{}", 405, "method_not_allowed"),
                Arguments.of("PATCH", known, "{}", 405, "method_not_allowed"));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("requests")
    void badRequestsAreRefusedWithoutAConnection(String method, String path, String body, int status, String code) {
        long before = database.figures().asked();
        var request = api().urlEncodingEnabled(false);
        Response answer = (body.isEmpty() ? request : request.body(body)).request(method, path);
        assertThat(database.figures().asked()).isEqualTo(before);
        answer.then().statusCode(status).body("error.code", equalTo(code));
    }

    @Test
    void bodiesOfTenMebibytesAreTakenAndOneByteMoreIsNot() {
        String id = newConversation();
        byte[] most = sized(10 * 1024 * 1024);
        api().body(most).post("/v1/conversations/{id}/items", id).then().statusCode(200);
        long before = database.figures().asked();
        api().body(sized(10 * 1024 * 1024 + 1))
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(413)
                .body("error.code", equalTo("request_too_large"));
        assertThat(database.figures().asked()).isEqualTo(before);
    }

    private static byte[] sized(int bytes) {
        String start = "{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"";
        String end = "\"}]}";
        return utf8(start + "x".repeat(bytes - start.length() - end.length()) + end);
    }

    @Test
    void otherMediaTypesAreRefused() {
        long before = database.figures().asked();
        api().contentType("text/plain")
                .body("{}")
                .post("/v1/conversations")
                .then()
                .statusCode(415)
                .body("error.code", equalTo("unsupported_media_type"));
        api().accept("text/html")
                .get("/v1/conversations")
                .then()
                .statusCode(406)
                .body("error.code", equalTo("not_acceptable"));
        assertThat(database.figures().asked()).isEqualTo(before);
    }
}
