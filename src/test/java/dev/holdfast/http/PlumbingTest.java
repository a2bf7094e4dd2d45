package dev.holdfast.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PlumbingTest {

    private static final String PATH = "/v1/test-plumbing";

    @ConfigProperty(name = "holdfast.api-key")
    String apiKey;

    @ConfigProperty(name = "holdfast.admin-key")
    String adminKey;

    @Test
    void aResourceLearnsWhoCalls() {
        withKey()
                .get(PATH)
                .then()
                .statusCode(200)
                .body("project", is("default"))
                .body("admin", is(false))
                .body("millis", allOf(greaterThan(25_000), lessThanOrEqualTo(30_000)));
        given().header("Authorization", "Bearer " + adminKey)
                .header("X-Holdfast-Project", "default")
                .get(PATH)
                .then()
                .body("admin", is(true));
    }

    @Test
    void theClientsRequestIdComesBack() {
        withKey()
                .header("x-request-id", "my.id-1")
                .get(PATH)
                .then()
                .header("x-request-id", "my.id-1")
                .body("request_id", is("my.id-1"));
    }

    @Test
    void anInsaneRequestIdIsReplaced() {
        withKey()
                .header("x-request-id", "a b")
                .get(PATH)
                .then()
                .header("x-request-id", matchesPattern("req_[0-9a-f]{32}"));
    }

    @Test
    void theLogContextHasTheRequestIdAndKeepsItOverAHop() {
        IntStream.range(0, 50)
                .parallel()
                .forEach(i -> withKey()
                        .header("x-request-id", "log-" + i)
                        .get(PATH + "/log")
                        .then()
                        .body("request_id", is("log-" + i)));
    }

    @Test
    void aRequestWithoutAKeyIsRefused() {
        assertError(given().get(PATH).then(), 401, "invalid_api_key")
                .header("WWW-Authenticate", "Bearer")
                .header("Connection", nullValue());
    }

    @Test
    void aProjectKeyDoesNotOpenAdmin() {
        assertError(withKey().get("/admin/projects").then(), 403, "insufficient_permissions");
    }

    @Test
    void thePathIsJudgedAsItIsRouted() {
        assertError(
                withKey().urlEncodingEnabled(false).get("/v1/../admin/projects").then(),
                403,
                "insufficient_permissions");
        assertError(
                withKey().urlEncodingEnabled(false).get("/%61dmin/projects").then(), 403, "insufficient_permissions");
        assertError(
                withKey()
                        .urlEncodingEnabled(false)
                        .get("/v1/..;/admin/projects")
                        .then(),
                404,
                "not_found");
        assertError(
                withKey()
                        .urlEncodingEnabled(false)
                        .get("/v1/;/../../admin/projects")
                        .then(),
                403,
                "insufficient_permissions");
        assertError(
                withKey().urlEncodingEnabled(false).get("//admin/projects").then(), 403, "insufficient_permissions");
    }

    @Test
    void unknownPathsAre404WithAndWithoutAKey() {
        assertError(given().get("/nowhere").then(), 404, "not_found");
        assertError(given().get("/").then(), 404, "not_found");
        assertError(withKey().get("/v1/nowhere").then(), 404, "not_found");
        assertError(withKey().post("/v1/nowhere/").then(), 404, "not_found");
        assertError(withKey().body("x".repeat(1000)).post("/v1/nowhere").then(), 404, "not_found");
    }

    @Test
    void aMethodThatThePathDoesNotTakeIsRefusedWithTheOnesItTakes() {
        assertError(withKey().delete(PATH).then(), 405, "method_not_allowed").header("Allow", "GET, HEAD, POST");
        assertError(withKey().put(PATH + "/bytes").then(), 405, "method_not_allowed")
                .header("Allow", "POST");
        assertError(withKey().request("BREW", PATH).then(), 405, "method_not_allowed");
    }

    @Test
    void anAnswerOfAnotherTypeIsNotToBeHad() {
        assertError(withKey().accept("text/html").get(PATH).then(), 406, "not_acceptable");
    }

    @Test
    void aBodyOfAnotherTypeIsRefused() {
        assertError(withKey().contentType("text/plain").body("x").post(PATH).then(), 415, "unsupported_media_type");
    }

    @Test
    void anEncodedBodyIsRefusedBeforeItIsRead() {
        assertError(json("x").header("Content-Encoding", "gzip").post(PATH).then(), 415, "unsupported_media_type")
                .body("error.param", is("Content-Encoding"));
        json("x").header("Content-Encoding", "identity").post(PATH).then().statusCode(200);
    }

    @Test
    void aBadTimeoutIsRefusedByName() {
        assertError(withKey().header("X-Request-Timeout-Ms", "soon").get(PATH).then(), 400, "invalid_request")
                .body("error.param", is("X-Request-Timeout-Ms"));
    }

    @Test
    void aShorterTimeoutIsTheDeadline() {
        withKey().header("X-Request-Timeout-Ms", "1500").get(PATH).then().body("millis", lessThanOrEqualTo(1500));
    }

    @Test
    void aBodyReachesTheResourceInWhicheverWayItAsks() {
        json("{\"a\":1}").post(PATH).then().body("length", is(7));
        json("{\"a\":1}").post(PATH + "/bytes").then().body("length", is(7));
        json("x".repeat(300_000)).post(PATH).then().body("length", is(300_000));
        json("x".repeat(300_000)).post(PATH + "/bytes").then().body("length", is(300_000));
        withKey().contentType("application/json").post(PATH).then().statusCode(200);
    }

    @Test
    void aBodyOfTheLimitIsTakenAndOneByteMoreIsNot() {
        json("x".repeat(10 << 20)).post(PATH).then().statusCode(200).body("length", is(10 << 20));
        assertError(json("x".repeat((10 << 20) + 1)).post(PATH).then(), 413, "request_too_large");
    }

    @Test
    void badJsonIsRefusedInTheContractsForm() {
        assertError(json("{\"name\":}").post(PATH + "/bound").then(), 400, "invalid_request");
        assertError(json("{\"name\":{}}").post(PATH + "/bound").then(), 400, "invalid_request");
        assertError(json("{\"name\":{}}").post(PATH + "/strict").then(), 400, "invalid_request")
                .body("error.param", is("name"));
        assertError(json("{\"nome\":\"x\"}").post(PATH + "/strict").then(), 400, "invalid_request")
                .body("error.param", is("nome"));
        assertError(json("{\"size\":\"1\"}").post(PATH + "/strict").then(), 400, "invalid_request")
                .body("error.param", is("size"));
        assertError(json("{\"size\":1.5}").post(PATH + "/strict").then(), 400, "invalid_request")
                .body("error.param", is("size"));
        assertError(json("{\"size\":1,\"size\":2}").post(PATH + "/strict").then(), 400, "invalid_request");
        assertError(json("{} {}").post(PATH + "/strict").then(), 400, "invalid_request");
        assertError(json("null").post(PATH + "/strict").then(), 400, "invalid_request");
        assertError(json("[]").post(PATH + "/strict").then(), 400, "invalid_request");
        assertError(
                withKey().contentType("application/json").post(PATH + "/strict").then(), 400, "invalid_request");
        assertError(json("{\"x\":" + "[".repeat(100_000)).post(PATH + "/strict").then(), 400, "invalid_request");
        json("{\"name\":\"n\",\"size\":2}")
                .post(PATH + "/strict")
                .then()
                .statusCode(200)
                .body("size", is(2));
    }

    @Test
    void aBugShowsOnlyTheRequestId() {
        for (String path : new String[] {"/bug", "/thrown"}) {
            assertError(
                            withKey()
                                    .header("x-request-id", "bug-1")
                                    .get(PATH + path)
                                    .then(),
                            500,
                            "internal_error")
                    .body("error.message", allOf(containsString("bug-1"), not(containsString("secret"))));
        }
    }

    @Test
    void headIsGetWithoutTheBody() {
        withKey().head(PATH).then().statusCode(200).header("x-request-id", not(nullValue()));
        given().head(PATH).then().statusCode(401).header("x-request-id", not(nullValue()));
        withKey().head("/v1/nowhere").then().statusCode(404).header("x-request-id", not(nullValue()));
    }

    private RequestSpecification withKey() {
        return given().header("Authorization", "Bearer " + apiKey);
    }

    private RequestSpecification json(String body) {
        // As bytes: RestAssured takes seconds to look at a deep text.
        return withKey().contentType("application/json").body(body.getBytes(StandardCharsets.UTF_8));
    }

    private static ValidatableResponse assertError(ValidatableResponse response, int status, String code) {
        return response.statusCode(status)
                .contentType("application/json")
                .header("x-request-id", not(nullValue()))
                .body("error.code", equalTo(code))
                .body("error", allOf(hasKey("message"), hasKey("type"), hasKey("param")));
    }
}
