package dev.holdfast.identity;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ProjectResourceTest {

    private static final String PROJECTS = "/admin/projects";

    @ConfigProperty(name = "holdfast.admin-key")
    String adminKey;

    @Inject
    KeyUse use;

    @Test
    void aProjectIsMadeOnce() {
        String id = newId();

        create(id, "Acme")
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("object", is("project"))
                .body("name", is("Acme"))
                .body("created_at", notNullValue());
        create(id, "Acme")
                .then()
                .statusCode(409)
                .body("error.code", is("conflict"))
                .body("error.param", is("id"));
    }

    @Test
    void aListedProjectEqualsTheOneThatWasMade() {
        for (int i = 0; i < 5; i++) {
            String id = newId();
            Response made = create(id, "Same");

            Map<String, Object> listed = admin().get(
                            PROJECTS + "?order=asc&limit=1&after=" + id.substring(0, id.length() - 1))
                    .path("data[0]");

            assertThat(listed).isEqualTo(made.as(Map.class));
        }
    }

    @Test
    void aProjectWithoutAnIdGetsOne() {
        admin().body("{\"name\":\"Nameless\"}")
                .post(PROJECTS)
                .then()
                .statusCode(200)
                .body("id", matchesPattern("proj_[0-9a-f]{32}"));
    }

    @Test
    void aRepeatedRequestWithItsKeyGetsTheFirstAnswer() {
        String key = newId();
        String first = admin().header("Idempotency-Key", key)
                .body("{\"name\":\"Twice\"}")
                .post(PROJECTS)
                .then()
                .statusCode(200)
                .extract()
                .asString();

        admin().header("Idempotency-Key", key)
                .body("{\"name\":\"Twice\"}")
                .post(PROJECTS)
                .then()
                .statusCode(200)
                .body(is(first));
        admin().header("Idempotency-Key", key)
                .body("{\"name\":\"Other\"}")
                .post(PROJECTS)
                .then()
                .statusCode(409)
                .body("error.code", is("idempotency_key_reused"));
    }

    @Test
    void aRepeatedRequestThatNamesItsIdGetsTheFirstAnswerToo() {
        String id = newId();
        String body = "{\"id\":\"%s\",\"name\":\"Named\"}".formatted(id);
        String first =
                admin().header("Idempotency-Key", id).body(body).post(PROJECTS).asString();

        admin().header("Idempotency-Key", id)
                .body(body)
                .post(PROJECTS)
                .then()
                .statusCode(200)
                .body(is(first));
    }

    @Test
    void badFieldsAreRefusedByName() {
        admin().body("{\"id\":\"UPPER\",\"name\":\"x\"}")
                .post(PROJECTS)
                .then()
                .statusCode(400)
                .body("error.param", is("id"));
        admin().body("{\"id\":\"x\"}").post(PROJECTS).then().statusCode(400).body("error.param", is("name"));
        admin().body("{\"name\":\"x\",\"colour\":\"red\"}")
                .post(PROJECTS)
                .then()
                .statusCode(400)
                .body("error.param", is("colour"));
        admin().get(PROJECTS + "?limit=0").then().statusCode(400).body("error.param", is("limit"));
        admin().get(PROJECTS + "?after=%00").then().statusCode(400).body("error.param", is("after"));
    }

    @Test
    void projectsAreListedPageByPage() {
        String stem = newId();
        for (String tail : new String[] {"a", "b", "c"}) {
            create(stem + tail, "Listed").then().statusCode(200);
        }

        admin().get(PROJECTS + "?order=asc&limit=2&after=" + stem)
                .then()
                .statusCode(200)
                .body("object", is("list"))
                .body("data.id", contains(stem + "a", stem + "b"))
                .body("first_id", is(stem + "a"))
                .body("last_id", is(stem + "b"))
                .body("has_more", is(true));
        admin().get(PROJECTS + "?limit=2&after=" + stem + "c").then().body("data.id", contains(stem + "b", stem + "a"));
    }

    @Test
    void aKeyIsShownOnceAndWorksAtOnceUntilItIsRevoked() {
        String project = newId();
        create(project, "Keys");
        Response issued = admin().body("{\"name\":\"ci\"}").post(PROJECTS + "/" + project + "/keys");
        issued.then()
                .statusCode(200)
                .body("object", is("key"))
                .body("key", matchesPattern("hf_[A-Za-z0-9_-]{43}"))
                .body("id", matchesPattern("key_[0-9a-f]{32}"));
        String key = issued.path("key");
        String id = issued.path("id");

        with(key).get("/v1/test-plumbing").then().statusCode(200).body("project", is(project));
        with(key).get(PROJECTS).then().statusCode(403);
        admin().get(PROJECTS + "/" + project + "/keys")
                .then()
                .body("data", everyItem(not(hasKey("key"))))
                .body("data[0].id", is(id))
                .body("data[0].prefix", is(key.substring(0, 7)))
                .body("data[0].revoked_at", nullValue());

        for (int i = 0; i < 2; i++) {
            admin().delete(PROJECTS + "/" + project + "/keys/" + id)
                    .then()
                    .statusCode(200)
                    .body("id", is(id))
                    .body("object", is("key.deleted"))
                    .body("deleted", is(true));
        }
        with(key).get("/v1/test-plumbing").then().statusCode(401);
        admin().get(PROJECTS + "/" + project + "/keys").then().body("data[0].revoked_at", notNullValue());
    }

    @Test
    void aKeyIsOfUseOnlyWithinItsScopes() {
        String keys = PROJECTS + "/default/keys";
        Response issued = admin().body("{\"scopes\":[\"mcp\",\"models\"]}").post(keys);
        issued.then().statusCode(200).body("scopes", contains("models", "mcp")).body("expires_at", nullValue());
        String id = issued.path("id");

        with(issued.path("key"))
                .get("/v1/test-plumbing")
                .then()
                .statusCode(403)
                .body("error.code", is("insufficient_permissions"))
                .body("error.message", containsString("'conversations'"));
        with(issued.path("key")).get("/v1/models/none").then().statusCode(404);
        with(issued.path("key")).get("/mcp/none").then().statusCode(404);
        admin().get(keys + "?limit=1")
                .then()
                .body("data[0].id", is(id))
                .body("data[0].scopes", contains("models", "mcp"))
                .body("data[0].last_used_at", nullValue());
        use.write().await().atMost(Duration.ofSeconds(30));
        admin().get(keys + "?limit=1").then().body("data[0].last_used_at", greaterThan(1_700_000_000));

        admin().post(keys).then().statusCode(200).body("scopes", contains("conversations", "models", "mcp", "inbox"));
    }

    @Test
    void aKeyExpires() {
        long now = Instant.now().getEpochSecond();
        Response issued = admin().body("{\"expires_at\":%d}".formatted(now + 2)).post(PROJECTS + "/default/keys");
        issued.then().statusCode(200).body("expires_at", is((int) now + 2));

        await().until(() -> with(issued.path("key")).get("/v1/test-plumbing").statusCode() == 401);
        assertThat(Instant.now().getEpochSecond()).isGreaterThanOrEqualTo(now + 2);
        with(issued.path("key"))
                .get("/v1/test-plumbing")
                .then()
                .body("error.code", is("invalid_api_key"))
                .body("error.message", containsString("expired"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"scopes\":[]}|scopes",
                "{\"scopes\":[\"everything\"]}|scopes",
                "{\"scopes\":[null]}|scopes",
                "{\"scopes\":\"models\"}|scopes",
                "{\"expires_at\":1}|expires_at",
                "{\"expires_at\":\"tomorrow\"}|expires_at",
                "{\"expires_at\":1e12}|expires_at",
                "{\"prefix\":\"x\"}|prefix"
            })
    void aKeyThatCannotBeIsRefusedByTheFieldAtFault(String body, String param) {
        admin().body(body)
                .post(PROJECTS + "/default/keys")
                .then()
                .statusCode(400)
                .body("error.code", is("invalid_request"))
                .body("error.param", is(param));
    }

    @Test
    void anAdminActsForAProjectAsSoonAsItIsMade() {
        String project = newId();
        create(project, "Fresh");

        admin().header("X-Holdfast-Project", project)
                .get("/v1/test-plumbing")
                .then()
                .statusCode(200)
                .body("project", is(project));
        admin().header("X-Holdfast-Project", newId())
                .get("/v1/test-plumbing")
                .then()
                .statusCode(404);
    }

    @Test
    void keysOfAProjectAreListedPageByPage() {
        String project = newId();
        create(project, "Empty");
        admin().get(PROJECTS + "/" + project + "/keys")
                .then()
                .statusCode(200)
                .body("data.size()", is(0))
                .body("first_id", nullValue())
                .body("has_more", is(false));
        String first = admin().post(PROJECTS + "/" + project + "/keys").path("id");
        String second = admin().post(PROJECTS + "/" + project + "/keys").path("id");

        admin().get(PROJECTS + "/" + project + "/keys?order=asc&limit=1&after=" + first)
                .then()
                .body("data.id", contains(second))
                .body("has_more", is(false));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        admin().post(PROJECTS + "/" + newId() + "/keys").then().statusCode(404);
        admin().get(PROJECTS + "/" + newId() + "/keys").then().statusCode(404);
        admin().get(PROJECTS + "/%00/keys").then().statusCode(404);
        admin().delete(PROJECTS + "/default/keys/key_none").then().statusCode(404);
    }

    @Test
    void theProjectDefaultIsThereFromTheStart() {
        admin().get(PROJECTS + "?limit=1&order=asc&after=defaul").then().body("data.id", hasItem("default"));
    }

    private Response create(String id, String name) {
        return admin().body("{\"id\":\"%s\",\"name\":\"%s\"}".formatted(id, name))
                .post(PROJECTS);
    }

    private RequestSpecification admin() {
        return with(adminKey);
    }

    private static RequestSpecification with(String key) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + key)
                .contentType(ContentType.JSON);
    }

    private static String newId() {
        return "t-" + UUID.randomUUID();
    }
}
