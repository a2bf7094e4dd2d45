package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.accepted;
import static dev.holdfast.inbox.Inbox.awaitState;
import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.inbox.Inbox.send;
import static dev.holdfast.inbox.Inbox.texts;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import dev.holdfast.db.Database;
import dev.holdfast.inbox.Inbox.NewSource;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
class InboxApiTest {

    private static NewSource source;

    @Inject
    Database database;

    @BeforeEach
    void makeSource() {
        source = source == null ? newSource() : source;
    }

    @Test
    void aMessageMakesItsSendersConversationAndTheNextOneFindsIt() {
        String sender = newSender();

        Response answer = send(source, message(sender, "one"));

        answer.then()
                .statusCode(202)
                .body("id", matchesPattern("inm_[0-9a-f]{40}"))
                .body("object", is("inbox.message"))
                .body("source", is(source.id()))
                .body("external_id", is(sender));
        String conversation = awaitState(answer.path("id"), "done").path("conversation_id");
        String second = accepted(source, message(sender, "two"));
        awaitState(second, "done")
                .then()
                .body("conversation_id", is(conversation))
                .body("items", hasSize(0));
        api().queryParam("metadata[external_id]", sender)
                .get("/v1/conversations")
                .then()
                .body("data.id", contains(conversation));
        api().get("/v1/conversations/{id}/items?order=asc", conversation)
                .then()
                .body("data.content.text.flatten()", contains("one", "two"))
                .body("data[0].status", is("completed"));
    }

    @Test
    void aDeletedConversationIsMadeAnew() {
        String sender = newSender();
        String first =
                awaitState(accepted(source, message(sender, "one")), "done").path("conversation_id");
        api().delete("/v1/conversations/{id}", first).then().statusCode(200);

        String second =
                awaitState(accepted(source, message(sender, "two")), "done").path("conversation_id");

        assertThat(second).isNotEqualTo(first);
        assertThat(texts(sender)).containsExactly("two");
    }

    @Test
    void aMessageOfSeveralItemsStaysTogether() throws Exception {
        String sender = newSender();
        Parallel.run(12, i -> accepted(source, """
                {"external_id":"%s","items":[{"role":"user","content":"%d a"},{"type":"odd","id":"o%2$d","x":1e2},
                 {"role":"user","content":"%2$d b"}]}""".formatted(sender, i)));
        org.awaitility.Awaitility.await().until(() -> texts(sender).size() == 36);

        List<String> texts = texts(sender);
        for (int i = 0; i < texts.size(); i += 3) {
            assertThat(texts.get(i)).endsWith(" a");
            assertThat(texts.get(i + 2)).isEqualTo(texts.get(i).replace(" a", " b"));
        }
    }

    @Test
    void theSameMessageIsTakenOnce() throws Exception {
        String sender = newSender();
        String body = message(sender, "once");

        List<String> ids = Parallel.run(
                16,
                i -> api().header("webhook-id", "m-1")
                        .body(body)
                        .post("/v1/inbox/{source}", source.id())
                        .then()
                        .statusCode(202)
                        .extract()
                        .path("id"));

        assertThat(ids).containsOnly(ids.get(0));
        awaitState(ids.get(0), "done");
        api().header("webhook-id", "m-1")
                .body(body)
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(202)
                .body("id", is(ids.get(0)));
        assertThat(texts(sender)).containsExactly("once");
    }

    @Test
    void anIdThatIsUsedForAnotherMessageIsAConflict() {
        String sender = newSender();
        String id = "m-" + UUID.randomUUID();
        api().header("webhook-id", id).body(message(sender, "one")).post("/v1/inbox/{source}", source.id());

        api().header("webhook-id", id)
                .body(message(sender, "two"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(409)
                .body("error.code", is("idempotency_key_reused"))
                .body("error.param", is("webhook-id"));
    }

    @Test
    void anIdempotencyKeyGivesTheFirstAnswerAgain() {
        String sender = newSender();
        String key = UUID.randomUUID().toString();
        String first = api().header("Idempotency-Key", key)
                .body(message(sender, "one"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(202)
                .extract()
                .asString();

        api().header("Idempotency-Key", key)
                .body(message(sender, "one"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(202)
                .body(is(first));
        api().header("Idempotency-Key", key)
                .body(message(sender, "two"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(409);
    }

    @Test
    void aSourceIsOfOneProject() {
        String project = "p-" + UUID.randomUUID();
        admin().body("{\"id\":\"%s\",\"name\":\"Other\"}".formatted(project)).post("/admin/projects");
        NewSource other = newSource(project);

        send(other, message(newSender(), "x")).then().statusCode(404);
        send(new NewSource("unknown", ""), message(newSender(), "x")).then().statusCode(404);
        String sender = newSender();
        String id = admin().header("X-Holdfast-Project", project)
                .body(message(sender, "x"))
                .post("/v1/inbox/{source}", other.id())
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        awaitState(id, "done").then().body("project", is(project));
        assertThat(TestDatabase.shared()
                        .value(String.class, "SELECT project_id FROM conversations WHERE external_id = ?", sender))
                .isEqualTo(project);
    }

    @Test
    void aKeyNeedsTheScopeOfTheInboxAndThatIsForNothingElse() {
        String inbox = key("inbox");
        String conversations = key("conversations");

        with(inbox)
                .body(message(newSender(), "x"))
                .post("/v1/inbox/{s}", source.id())
                .then()
                .statusCode(202);
        with(inbox).get("/v1/conversations").then().statusCode(403);
        with(conversations).body("{}").post("/v1/inbox/{s}", source.id()).then().statusCode(403);
    }

    private static String key(String scope) {
        return admin().body("{\"scopes\":[\"" + scope + "\"]}")
                .post("/admin/projects/default/keys")
                .path("key");
    }

    static Stream<Arguments> bodies() {
        String items = "\"items\":[{\"role\":\"user\",\"content\":\"x\"}]";
        String many = String.join(
                ",",
                IntStream.range(0, 21)
                        .mapToObj(i -> "{\"role\":\"user\",\"content\":\"x\"}")
                        .toList());
        return Stream.of(
                Arguments.of("", 400, null),
                Arguments.of("[]", 400, null),
                Arguments.of("{\"external_id\":", 400, null),
                Arguments.of("{" + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":7," + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":\" \"," + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":\"a/b\"," + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":\"\\u0000\"," + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":\"" + "x".repeat(257) + "\"," + items + "}", 400, "external_id"),
                Arguments.of("{\"external_id\":\"a\"}", 400, "items"),
                Arguments.of("{\"external_id\":\"a\",\"items\":[]}", 400, "items"),
                Arguments.of("{\"external_id\":\"a\",\"items\":[" + many + "]}", 400, "items"),
                Arguments.of(
                        "{\"external_id\":\"a\",\"items\":[{\"type\":\"item_reference\",\"id\":\"x\"}]}",
                        400,
                        "items[0].type"),
                Arguments.of("{\"external_id\":\"a\",\"role\":\"user\"," + items + "}", 400, "role"),
                Arguments.of("{\"external_id\":\"a\",\"x\":\"" + "y".repeat(1 << 20) + "\"}", 413, null));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void whatIsNoMessageIsRefusedWithoutAConnection(String body, int status, String param) {
        long before = database.figures().asked();

        Response answer = send(source, body);

        assertThat(database.figures().asked()).isEqualTo(before);
        answer.then().statusCode(status).body("error.param", is(param));
    }

    @Test
    void aMalformedMessageIdIsRefused() {
        api().header("webhook-id", "a b")
                .body(message(newSender(), "x"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(400)
                .body("error.param", is("webhook-id"));
    }
}
