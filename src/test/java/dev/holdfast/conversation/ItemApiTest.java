package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import dev.holdfast.db.Database;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ItemApiTest {

    @Inject
    Database database;

    @Test
    void anAppendAnswersWithAListOfWhatIsStored() {
        String id = newConversation();
        String answer = api().body(message("hello"))
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(200)
                .body("object", equalTo("list"))
                .body("data", hasSize(1))
                .body("data[0].id", startsWith("msg_"))
                .body("data[0].type", equalTo("message"))
                .body("data[0].status", equalTo("completed"))
                .body("data[0].content", hasSize(1))
                .body("data[0].content[0].type", equalTo("input_text"))
                .body("data[0].content[0].text", equalTo("hello"))
                .body("has_more", equalTo(false))
                .extract()
                .asString();
        JsonPath list = JsonPath.from(answer);
        assertThat(list.getString("first_id"))
                .isEqualTo(list.getString("last_id"))
                .isEqualTo(list.getString("data[0].id"));
        assertThat(api().get("/v1/conversations/{id}/items", id).asString()).isEqualTo(answer);
    }

    @Test
    void anAppendOfTwentyItemsAndAPageOfThemTakeOneConnectionEach() {
        String id = newConversation();
        String items = "{\"role\":\"user\",\"content\":\"x\"},".repeat(19) + "{\"role\":\"user\",\"content\":\"x\"}";
        long before = database.figures().asked();
        api().body("{\"items\":[" + items + "]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(200);
        assertThat(database.figures().asked()).isEqualTo(before + 1);
        api().get("/v1/conversations/{id}/items", id).then().statusCode(200).body("data", hasSize(20));
        assertThat(database.figures().asked()).isEqualTo(before + 2);
    }

    @Test
    void itemsComeBackAsTheyWereSent() {
        String id = newConversation();
        String item = "{\"type\":\"acme.custom\", \"z\":1.0, \"a\": 12345678901234567890123, \"e\":1e400,"
                + "\"esc\":\"\\u0000 \\/ \\ud800 \\u00e9 é 漢 😀\",\"deep\":[[{\"k\":[ ]}]],\"id\":\"my-own_1\"}";
        api().body("{\"items\":[" + item + "]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(200);
        assertThat(api().get("/v1/conversations/{id}/items/my-own_1", id).asString())
                .isEqualTo(item);
        assertThat(api().get("/v1/conversations/{id}/items", id).asString()).contains(item);
    }

    @Test
    void anAssistantsStringBecomesOutputText() {
        String id = newConversation();
        api().body("{\"items\":[{\"role\":\"assistant\",\"content\":\"hi\"}]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(200)
                .body("data[0].content[0].type", equalTo("output_text"))
                .body("data[0].content[0].annotations", empty())
                .body("data[0].content[0].logprobs", empty());
    }

    @Test
    void pagesGoBothWaysWithoutGapOrRepetition() {
        String id = newConversation();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            StringBuilder items = new StringBuilder();
            for (int k = 0; k < 15; k++) {
                items.append(k == 0 ? "" : ",")
                        .append("{\"role\":\"user\",\"content\":\"")
                        .append(i * 15 + k)
                        .append("\"}");
            }
            List<String> ids = api().body("{\"items\":[" + items + "]}")
                    .post("/v1/conversations/{id}/items", id)
                    .path("data.id");
            made.addAll(ids);
        }
        assertThat(pages(id, "order=asc&limit=7")).isEqualTo(made);
        List<String> backwards = new ArrayList<>(made);
        Collections.reverse(backwards);
        assertThat(pages(id, "limit=20")).isEqualTo(backwards);
        assertThat(pages(id, "order=desc&limit=100")).isEqualTo(backwards);
        api().get("/v1/conversations/{id}/items", id)
                .then()
                .body("data", hasSize(20))
                .body("has_more", equalTo(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"order=asc", "order=desc"})
    void aPageEndsBeforeTheItemThatFollowsWhateverItsTextIs(String order) {
        String id = newConversation();
        for (int i = 0; i < 3; i++) {
            api().body(message("é漢🙂 " + i)).post("/v1/conversations/{id}/items", id);
        }
        api().get("/v1/conversations/{id}/items?limit=2&" + order, id)
                .then()
                .statusCode(200)
                .body("data", hasSize(2))
                .body("data[1].content[0].text", equalTo("é漢🙂 1"))
                .body("has_more", equalTo(true));
    }

    @Test
    void thePageAfterTheLastItemIsEmpty() {
        String id = newConversation();
        String item = api().body(message("x"))
                .post("/v1/conversations/{id}/items", id)
                .path("data[0].id");
        api().get("/v1/conversations/{id}/items?after=" + item, id)
                .then()
                .statusCode(200)
                .body("data", empty())
                .body("first_id", equalTo(""))
                .body("last_id", equalTo(""))
                .body("has_more", equalTo(false));
        api().get("/v1/conversations/{id}/items", newConversation())
                .then()
                .statusCode(200)
                .body("data", empty());
    }

    @Test
    void anUnknownCursorIsABadRequest() {
        api().get("/v1/conversations/{id}/items?after=msg_unknown", newConversation())
                .then()
                .statusCode(400)
                .body("error.code", equalTo("invalid_request"))
                .body("error.param", equalTo("after"));
    }

    @Test
    void includeIsAccepted() {
        String id = newConversation();
        api().get("/v1/conversations/{id}/items?include=reasoning.encrypted_content&include[]=x", id)
                .then()
                .statusCode(200);
    }

    @Test
    void deletingAnItemGivesTheConversation() {
        String id = newConversation();
        String item = api().body(message("x"))
                .post("/v1/conversations/{id}/items", id)
                .path("data[0].id");
        api().delete("/v1/conversations/{id}/items/{item}", id, item)
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("object", equalTo("conversation"));
        api().delete("/v1/conversations/{id}/items/{item}", id, item).then().statusCode(404);
        api().get("/v1/conversations/{id}/items/{item}", id, item).then().statusCode(404);
        api().get("/v1/conversations/{id}", id).then().statusCode(200);
    }

    @Test
    void anIdThatIsTakenInTheConversationIsAConflictAndAppendsNothing() {
        String id = newConversation();
        String own = "{\"items\":[{\"id\":\"mine\",\"role\":\"user\",\"content\":\"1\"}]}";
        api().body(own).post("/v1/conversations/{id}/items", id).then().statusCode(200);
        api().body(
                        "{\"items\":[{\"role\":\"user\",\"content\":\"2\"},{\"id\":\"mine\",\"role\":\"user\",\"content\":\"1\"}]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(409)
                .body("error.code", equalTo("conflict"));
        api().get("/v1/conversations/{id}/items", id).then().body("data.id", contains("mine"));
        api().body(own)
                .post("/v1/conversations/{id}/items", newConversation())
                .then()
                .statusCode(200);
    }

    @Test
    void aReferenceCopiesTheItemThatItNames() {
        String from = newConversation();
        String item = api().body(message("original"))
                .post("/v1/conversations/{id}/items", from)
                .path("data[0].id");
        String to = newConversation();
        String reference = "{\"items\":[{\"type\":\"item_reference\",\"id\":\"" + item + "\"}]}";
        api().body(reference)
                .post("/v1/conversations/{id}/items", to)
                .then()
                .statusCode(200)
                .body("data[0].id", equalTo(item))
                .body("data[0].content[0].text", equalTo("original"));
        api().body(reference).post("/v1/conversations/{id}/items", to).then().statusCode(409);
        assertThat(api().get("/v1/conversations/{id}/items/{item}", to, item).asString())
                .isEqualTo(api().get("/v1/conversations/{id}/items/{item}", from, item)
                        .asString());
    }

    @Test
    void aReferenceToNothingIsABadRequestAndAppendsNothing() {
        String id = newConversation();
        api().body(
                        "{\"items\":[{\"role\":\"user\",\"content\":\"x\"},{\"type\":\"item_reference\",\"id\":\"msg_nowhere\"}]}")
                .post("/v1/conversations/{id}/items", id)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("items[1].id"));
        api().get("/v1/conversations/{id}/items", id).then().body("data", empty());
    }

    private static List<String> pages(String conversation, String query) {
        List<String> all = new ArrayList<>();
        String after = "";
        while (true) {
            JsonPath page = api().get("/v1/conversations/" + conversation + "/items?" + query + after)
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            all.addAll(page.getList("data.id"));
            if (!page.getBoolean("has_more")) {
                return all;
            }
            after = "&after=" + page.getString("last_id");
        }
    }
}
