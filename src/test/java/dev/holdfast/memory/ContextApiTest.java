package dev.holdfast.memory;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.with;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /v1/contexts}, the memory without MCP. */
@QuarkusTest
class ContextApiTest {

    private static final String PATH = "/v1/contexts";

    private NewProject project;

    @BeforeEach
    void create() {
        project = NewProject.create();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> with(project.key()).get(PATH).statusCode() == 200);
    }

    private RequestSpecification ours() {
        return with(project.key());
    }

    private Response lock(String topic, String content) {
        return ours().body(new JsonObject()
                        .put("topic", topic)
                        .put("content", content)
                        .encode())
                .post(PATH);
    }

    @Test
    void aContextIsLockedReadAndUnlocked() {
        lock("api/auth tokens", "Tokens MUST expire.")
                .then()
                .statusCode(200)
                .body("object", is("context"))
                .body("version", is("1.0"))
                .body("priority", is("always_check"))
                .body("created", is(true));

        ours().get(PATH + "/api/auth tokens")
                .then()
                .statusCode(200)
                .body("topic", is("api/auth tokens"))
                .body("content", is("Tokens MUST expire."))
                .body("archived_at", nullValue());
        ours().get(PATH + "/api/auth tokens?version=1.1").then().statusCode(404);
        ours().get(PATH + "/api/auth tokens?preview_only=true")
                .then()
                .statusCode(200)
                .body("content", nullValue());
        ours().delete(PATH + "/api/auth tokens?version=1.0")
                .then()
                .statusCode(409)
                .body("error.param", is("force"));
        ours().delete(PATH + "/api/auth tokens?version=all&force=true")
                .then()
                .statusCode(200)
                .body("versions", contains("1.0"))
                .body("archived", is(true));
        ours().get(PATH + "/api/auth tokens").then().statusCode(404).body("error.code", is("not_found"));
        ours().get(PATH + "/api/auth tokens?version=1.0").then().statusCode(200);
    }

    @Test
    void anAnswerThatIsKnownIsNotSentAgain() {
        lock("t", "one");
        String tag = ours().get(PATH + "/t")
                .then()
                .header("ETag", matchesRegex("\".+\""))
                .extract()
                .header("ETag");

        ours().header("If-None-Match", tag)
                .get(PATH + "/t")
                .then()
                .statusCode(304)
                .header("ETag", tag);
        lock("t", "two");
        ours().header("If-None-Match", tag)
                .get(PATH + "/t")
                .then()
                .statusCode(200)
                .body("content", is("two"));
        ours().header("If-None-Match", tag)
                .get(PATH + "/t?version=1.0")
                .then()
                .statusCode(200)
                .body("latest_version", is("1.1"));
    }

    @Test
    void listsArePagedInBothOrders() {
        for (String topic : new String[] {"a", "b", "c"}) {
            lock(topic, "about " + topic);
        }

        ours().get(PATH + "?order=asc&limit=2")
                .then()
                .body("object", is("list"))
                .body("data.topic", contains("a", "b"))
                .body("last_id", is("b"))
                .body("has_more", is(true));
        ours().get(PATH + "?order=asc&after=b")
                .then()
                .body("data.topic", contains("c"))
                .body("has_more", is(false));
        ours().get(PATH + "?after=b").then().body("data.topic", contains("a"));
        ours().get(PATH).then().body("data.topic", contains("c", "b", "a"));
        ours().get(PATH + "?priority=important")
                .then()
                .body("data.size()", is(0))
                .body("first_id", nullValue());
    }

    @Test
    void aQuerySearches() {
        lock("a", "The zeppelin leaves at noon.");
        lock("b", "The train leaves at noon.");

        ours().get(PATH + "?query=zeppelin&limit=5")
                .then()
                .statusCode(200)
                .body("data.topic", contains("a"))
                .body("data[0].snippet", is("**zeppelin** leaves at noon"));
    }

    @Test
    void aRepeatedRequestGetsTheFirstAnswerAgain() {
        String key = UUID.randomUUID().toString();
        String body = "{\"topic\":\"t\",\"content\":\"c\"}";
        String first =
                ours().header("Idempotency-Key", key).body(body).post(PATH).asString();

        ours().header("Idempotency-Key", key)
                .body(body)
                .post(PATH)
                .then()
                .statusCode(200)
                .body(equalTo(first));
        ours().header("Idempotency-Key", key)
                .body("{\"topic\":\"t\",\"content\":\"other\"}")
                .post(PATH)
                .then()
                .statusCode(409)
                .body("error.code", is("idempotency_key_reused"));
        ours().body(body).post(PATH).then().statusCode(200).body("created", is(false));
        ours().get(PATH + "/t").then().body("versions", is(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{\"topic\":\"t\",\"content\":\"c\",\"content\":\"d\"}",
                "{\"topic\":\"t\"}",
                "{\"topic\":\"t\",\"content\":\"c\",\"more\":1}",
                "{\"topic\":\"t\",\"content\":\"c\"} x"
            })
    void aBadBodyIsRefused(String body) {
        ours().body(body).post(PATH).then().statusCode(400).body("error.code", is("invalid_request"));
    }

    @ParameterizedTest
    @CsvSource({
        "?limit=0, limit",
        "?query=, query",
        "?query=a&tag=b, query",
        "?tag=, tag",
        "?tag=a&tag=b, tag",
        "?priority=x, priority",
        "?after=//, topic",
        "/t?version=2, version",
        "/t?preview_only=1, preview_only",
        "/a%0Ab, topic"
    })
    void aBadParameterIsNamed(String query, String param) {
        ours().urlEncodingEnabled(false)
                .get(PATH + query)
                .then()
                .statusCode(400)
                .body("error.param", is(param));
    }

    @Test
    void unlockingNeedsAVersion() {
        ours().delete(PATH + "/t").then().statusCode(400).body("error.param", is("version"));
    }

    @Test
    void noProjectSeesAnothersContexts() {
        lock("t", "c");

        api().get(PATH + "/t?version=1.0").then().statusCode(404);
        api().delete(PATH + "/t?version=1.0").then().statusCode(404);
        ours().get(PATH + "/t").then().statusCode(200);
    }
}
