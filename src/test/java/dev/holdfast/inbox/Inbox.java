package dev.holdfast.inbox;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.StoredItems;
import dev.holdfast.testkit.TestDatabase;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What the tests of this package send, and what has become of it. */
final class Inbox {

    static final String SOURCES = "/admin/inbox/sources";

    private Inbox() {}

    /** A source of the project {@code default}. */
    record NewSource(String id, String secret) {}

    static NewSource newSource() {
        return newSource("default");
    }

    static NewSource newSource(String project) {
        String id = "src-" + UUID.randomUUID();
        Response made = admin().body("{\"id\":\"%s\",\"project\":\"%s\"}".formatted(id, project))
                .post(SOURCES);
        made.then().statusCode(200);
        return new NewSource(id, made.path("secret"));
    }

    static String newSender() {
        return "user-" + UUID.randomUUID();
    }

    /** A message of one item for a sender's conversation. */
    static String message(String sender, String text) {
        return "{\"external_id\":\"%s\",\"items\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(sender, text);
    }

    /** The same, whose item has an id of its own. */
    static String message(String sender, String text, String itemId) {
        return message(sender, text).replace("[{", "[{\"id\":\"" + itemId + "\",");
    }

    static Response send(NewSource source, String body) {
        return api().body(body).post("/v1/inbox/{source}", source.id());
    }

    /** A message that must be accepted; its id. */
    static String accepted(NewSource source, String body) {
        return send(source, body).then().statusCode(202).extract().path("id");
    }

    static RequestSpecification signed(String secret, String messageId, String body) {
        return signed(secret, messageId, Instant.now().getEpochSecond(), body);
    }

    /** A request without a key that is signed at that moment, in seconds since 1970. */
    static RequestSpecification signed(String secret, String messageId, long at, String body) {
        byte[] mac = Signature.mac(secret, messageId, Long.toString(at), body.getBytes(UTF_8));
        return given().contentType(ContentType.JSON)
                .header("webhook-id", messageId)
                .header("webhook-timestamp", at)
                .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(mac))
                .body(body);
    }

    static Response stored(String message) {
        return admin().get("/admin/inbox/{message}", message);
    }

    /** Waits until it is in that state. */
    static Response awaitState(String message, String state) {
        await().until(() -> stored(message).path("state").equals(state));
        return stored(message);
    }

    /** The texts of a sender's conversation, in its order; empty if there is none. */
    static List<String> texts(TestDatabase database, String sender) {
        List<Map<String, Object>> found = database.query("SELECT id FROM conversations WHERE external_id = ?", sender);
        return found.isEmpty()
                ? List.of()
                : StoredItems.texts(database, (String) found.get(0).get("id"));
    }

    static List<String> texts(String sender) {
        return texts(TestDatabase.shared(), sender);
    }
}
