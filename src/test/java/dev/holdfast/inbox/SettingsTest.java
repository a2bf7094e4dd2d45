package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.accepted;
import static dev.holdfast.inbox.Inbox.awaitState;
import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.inbox.Inbox.NewSource;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Parallel;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A sender's settings, as they were when he wrote, are with each of his messages: whichever thread or replica delivers it. */
@QuarkusTest
class SettingsTest {

    private static NewSource source;

    @BeforeEach
    void makeSource() {
        source = source == null ? newSource() : source;
    }

    private static void set(String sender, String language) {
        api().body("{\"language\":\"%s\",\"time_zone\":\"Asia/Tokyo\",\"metadata\":{\"of\":\"%s\"}}"
                        .formatted(language, sender))
                .put("/v1/users/{user}/settings", sender)
                .then()
                .statusCode(200);
    }

    private static io.restassured.response.ValidatableResponse items(String conversation) {
        return api().queryParam("include", "holdfast.settings")
                .queryParam("order", "asc")
                .queryParam("limit", 100)
                .get("/v1/conversations/{c}/items", conversation)
                .then()
                .statusCode(200);
    }

    @Test
    void eachMessageHasTheSettingsOfItsMoment() {
        String sender = newSender();
        accepted(source, message(sender, "before"));
        set(sender, "ja");
        accepted(source, message(sender, "in Japanese"));
        set(sender, "fr-CA");
        String last = accepted(source, message(sender, "in French"));
        String conversation = awaitState(last, "done").path("conversation_id");

        items(conversation)
                .body("data[0]", not(hasKey("holdfast_settings")))
                .body("data[1].holdfast_settings.language", is("ja"))
                .body("data[1].holdfast_settings.time_zone", is("Asia/Tokyo"))
                .body("data[1].holdfast_settings.metadata.of", is(sender))
                .body("data[1].holdfast_settings.version", is(1))
                .body("data[2].holdfast_settings.language", is("fr-CA"));
        String item = items(conversation).extract().path("data[2].id");
        api().queryParam("include[]", "holdfast.settings")
                .get("/v1/conversations/{c}/items/{i}", conversation, item)
                .then()
                .body("holdfast_settings.version", is(2));
        api().get("/v1/conversations/{c}/items?order=asc", conversation)
                .then()
                .body("data.holdfast_settings", contains(nullValue(), nullValue(), nullValue()));
    }

    @Test
    void manySendersAtTheSameTimeDoNotGetEachOthers() throws Exception {
        List<String> languages = List.of("de", "en", "fr", "it", "ja", "ko", "nl", "pl");
        List<String> senders = languages.stream().map(l -> newSender()).toList();
        Parallel.run(languages.size(), i -> {
            set(senders.get(i), languages.get(i));
            return null;
        });

        List<String> last = Parallel.run(
                languages.size(),
                i -> IntStream.range(0, 20)
                        .mapToObj(n -> accepted(source, message(senders.get(i), "n" + n)))
                        .reduce("", (before, id) -> id));

        for (int i = 0; i < last.size(); i++) {
            String conversation = awaitState(last.get(i), "done").path("conversation_id");
            List<String> found = items(conversation).extract().path("data.holdfast_settings.language");
            List<String> of = items(conversation).extract().path("data.holdfast_settings.metadata.of");
            assertThat(found).hasSize(20).containsOnly(languages.get(i));
            assertThat(of).containsOnly(senders.get(i));
        }
    }

    @Test
    void whatIsAppendedByARequestToASendersConversationHasThemToo() {
        String sender = newSender();
        set(sender, "sv");
        String conversation = awaitState(accepted(source, message(sender, "by the inbox")), "done")
                .path("conversation_id");
        set(sender, "fi");

        api().body(Api.message("by a request"))
                .post("/v1/conversations/{c}/items", conversation)
                .then()
                .statusCode(200);

        items(conversation).body("data.holdfast_settings.language", contains("sv", "fi"));
    }
}
