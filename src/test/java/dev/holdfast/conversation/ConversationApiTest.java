package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ConversationApiTest {

    private static final String UNKNOWN = "conv_" + "0".repeat(40);

    @Test
    void aNewConversationHasOurIdTheTimeAndItsMetadata() {
        long before = Instant.now().getEpochSecond();
        JsonPath made = api().body("{\"metadata\":{\"topic\":\"demo\",\"a\":\"b\"}}")
                .post("/v1/conversations")
                .then()
                .statusCode(200)
                .body("id", matchesPattern("conv_[0-9a-f]{32,48}"))
                .body("object", equalTo("conversation"))
                .body("metadata", aMapWithSize(2))
                .body("metadata.topic", equalTo("demo"))
                .extract()
                .jsonPath();
        assertThat(made.getLong("created_at")).isBetween(before, Instant.now().getEpochSecond());
    }

    @Test
    void aConversationCanBeMadeWithoutABody() {
        api().post("/v1/conversations").then().statusCode(200).body("metadata", anEmptyMap());
    }

    @Test
    void aConversationCanBeMadeWithItems() {
        String id = api().body(
                        "{\"items\":[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"user\",\"content\":\"two\"}]}")
                .post("/v1/conversations")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        api().get("/v1/conversations/{id}/items?order=asc", id)
                .then()
                .statusCode(200)
                .body("data.content.text.flatten()", equalTo(List.of("one", "two")));
    }

    @Test
    void whatWasMadeIsWhatIsRead() {
        String made = api().body("{\"metadata\":{\"z\":\"1\",\"a\":\"ü \\\" \\\\ \\n\"}}")
                .post("/v1/conversations")
                .asString();
        String read = api().get("/v1/conversations/{id}", JsonPath.from(made).getString("id"))
                .asString();
        assertThat(read).isEqualTo(made);
    }

    @Test
    void anUpdateReplacesAllMetadata() {
        String id = api().body("{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}")
                .post("/v1/conversations")
                .path("id");
        api().body("{\"metadata\":{\"b\":\"3\"}}")
                .post("/v1/conversations/{id}", id)
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("metadata", aMapWithSize(1))
                .body("metadata.b", equalTo("3"));
        api().get("/v1/conversations/{id}", id).then().body("metadata.b", equalTo("3"));
    }

    @Test
    void metadataOfNullIsEmptied() {
        String id = api().body("{\"metadata\":{\"a\":\"1\"}}")
                .post("/v1/conversations")
                .path("id");
        api().body("{\"metadata\":null}")
                .post("/v1/conversations/{id}", id)
                .then()
                .statusCode(200)
                .body("metadata", anEmptyMap());
    }

    @Test
    void aDeletedConversationIsGoneWithItsItems() {
        String id = newConversation();
        String item = api().body(message("hello"))
                .post("/v1/conversations/{id}/items", id)
                .path("data[0].id");
        api().delete("/v1/conversations/{id}", id)
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("object", equalTo("conversation.deleted"))
                .body("deleted", equalTo(true));
        api().get("/v1/conversations/{id}", id).then().statusCode(404).body("error.code", equalTo("not_found"));
        api().get("/v1/conversations/{id}/items", id).then().statusCode(404);
        api().get("/v1/conversations/{id}/items/{item}", id, item).then().statusCode(404);
        api().delete("/v1/conversations/{id}", id).then().statusCode(404);
        api().body(message("late"))
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(404);
    }

    @Test
    void whatBelongedToADeletedConversationIsPurged() {
        String id = api().body("{\"metadata\":{\"purge\":\"me\"},\"items\":[{\"role\":\"user\",\"content\":\"x\"}]}")
                .post("/v1/conversations")
                .path("id");
        api().delete("/v1/conversations/{id}", id).then().statusCode(200);
        Awaitility.await()
                .untilAsserted(() -> assertThat(TestDatabase.shared().value(Long.class, """
                                SELECT (SELECT count(*) FROM items WHERE conversation_id = ?)
                                     + (SELECT count(*) FROM conversation_filters WHERE conversation_id = ?)
                                     + (SELECT count(*) FROM purges WHERE conversation_id = ?)
                                """, id, id, id))
                        .isZero());
    }

    @Test
    void unknownConversationsAreNotFoundUnderEveryMethod() {
        api().get("/v1/conversations/{id}", UNKNOWN).then().statusCode(404).body("error.message", notNullValue());
        api().body("{\"metadata\":{}}")
                .post("/v1/conversations/{id}", UNKNOWN)
                .then()
                .statusCode(404);
        api().delete("/v1/conversations/{id}", UNKNOWN).then().statusCode(404);
        api().get("/v1/conversations/{id}/items", UNKNOWN).then().statusCode(404);
        api().body(message("x"))
                .post("/v1/conversations/{id}/items", UNKNOWN)
                .then()
                .statusCode(404);
        api().get("/v1/conversations/{id}/items/{item}", UNKNOWN, "msg_1")
                .then()
                .statusCode(404);
        api().delete("/v1/conversations/{id}/items/{item}", UNKNOWN, "msg_1")
                .then()
                .statusCode(404);
    }

    @Test
    void anotherProjectSeesNothing() {
        String id = newConversation();
        String item = api().body(message("secret"))
                .post("/v1/conversations/{id}/items", id)
                .path("data[0].id");
        String project = "p" + UUID.randomUUID().toString().replace("-", "");
        admin().body("{\"id\":\"" + project + "\",\"name\":\"Other\"}")
                .post("/admin/projects")
                .then()
                .statusCode(200);
        String key = admin().body("{\"name\":\"k\"}")
                .post("/admin/projects/{p}/keys", project)
                .then()
                .statusCode(200)
                .extract()
                .path("key");
        with(key).get("/v1/conversations/{id}", id).then().statusCode(404);
        with(key).get("/v1/conversations/{id}/items", id).then().statusCode(404);
        with(key).get("/v1/conversations/{id}/items/{item}", id, item).then().statusCode(404);
        with(key).delete("/v1/conversations/{id}", id).then().statusCode(404);
        with(key)
                .body(message("x"))
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(404);
        with(key)
                .body("{\"items\":[{\"type\":\"item_reference\",\"id\":\"" + item + "\"}]}")
                .post("/v1/conversations")
                .then()
                .statusCode(400)
                .body("error.param", equalTo("items[0].id"));
        with(key).get("/v1/conversations").then().statusCode(200).body("data", hasSize(0));
    }

    @Test
    void anAdminKeyWorksInTheProjectThatTheHeaderNames() {
        String id = newConversation();
        admin().get("/v1/conversations/{id}", id).then().statusCode(200);
        admin().header("X-Holdfast-Project", "default")
                .get("/v1/conversations/{id}", id)
                .then()
                .statusCode(200);
    }

    @Test
    void listsPageThroughAllConversationsOnce() {
        String mark = UUID.randomUUID().toString();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            made.add(api().body("{\"metadata\":{\"mark\":\"" + mark + "\",\"n\":\"" + i % 2 + "\"}}")
                    .post("/v1/conversations")
                    .path("id"));
        }
        assertThat(pages("?limit=3&order=asc&metadata[mark]=" + mark)).isEqualTo(made);
        List<String> newestFirst = new ArrayList<>(made);
        Collections.reverse(newestFirst);
        assertThat(pages("?limit=2&metadata[mark]=" + mark)).isEqualTo(newestFirst);
        assertThat(pages("?metadata[mark]=" + mark + "&metadata[n]=1")).hasSize(3);
        assertThat(pages("?metadata[n]=1&metadata[mark]=" + mark)).hasSize(3);
        assertThat(pages("?metadata[n]=0&metadata[mark]=" + mark)).hasSize(4);
        assertThat(pages("?metadata[mark]=nothing")).isEmpty();
    }

    @Test
    void anUpdateMovesAConversationFromOneFilterToAnother() {
        String mark = UUID.randomUUID().toString();
        String id = api().body("{\"metadata\":{\"state\":\"" + mark + "\"}}")
                .post("/v1/conversations")
                .path("id");
        api().body("{\"metadata\":{\"state\":\"done" + mark + "\"}}").post("/v1/conversations/{id}", id);
        assertThat(pages("?metadata[state]=" + mark)).isEmpty();
        assertThat(pages("?metadata[state]=done" + mark)).containsExactly(id);
        api().delete("/v1/conversations/{id}", id);
        assertThat(pages("?metadata[state]=done" + mark)).isEmpty();
    }

    private static List<String> pages(String query) {
        List<String> all = new ArrayList<>();
        String after = "";
        while (true) {
            JsonPath page = api().urlEncodingEnabled(false)
                    .get("/v1/conversations" + query.replace("[", "%5B").replace("]", "%5D") + after)
                    .then()
                    .statusCode(200)
                    .body("object", equalTo("list"))
                    .extract()
                    .jsonPath();
            List<String> ids = page.getList("data.id");
            all.addAll(ids);
            if (!ids.isEmpty()) {
                assertThat(page.getString("first_id")).isEqualTo(ids.get(0));
                assertThat(page.getString("last_id")).isEqualTo(ids.get(ids.size() - 1));
            }
            if (!page.getBoolean("has_more")) {
                return all;
            }
            after = "&after=" + page.getString("last_id");
        }
    }
}
