package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages end early rather than hold more bytes than a replica can spare. */
@QuarkusTest
class LargePagesTest {

    private static final int MIB = 1024 * 1024;

    @ParameterizedTest
    @ValueSource(strings = {"asc", "desc"})
    void aPageOfLargeItemsEndsEarlyAndTheNextGoesOn(String order) {
        String conversation = newConversation();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.addAll(append(conversation, "x".repeat(3 * MIB)));
        }
        ids.addAll(append(conversation, "small"));

        List<String> seen = new ArrayList<>();
        String after = "";
        boolean more = true;
        while (more) {
            String body = api().get("/v1/conversations/{c}/items?limit=100&order=" + order + after, conversation)
                    .asString();
            JsonPath page = JsonPath.from(body);
            assertThat(body.length()).isLessThan(ItemRepository.PAGE_BYTES + MIB);
            assertThat(page.getList("data")).isNotEmpty();
            seen.addAll(page.getList("data.id"));
            after = "&after=" + page.getString("last_id");
            more = page.getBoolean("has_more");
        }
        assertThat(seen).containsExactlyElementsOf(order.equals("asc") ? ids : reversed(ids));
    }

    @Test
    void anItemThatIsLargerThanAPageIsAPageByItself() {
        String conversation = newConversation();
        List<String> large = append(conversation, "x".repeat(9 * MIB));
        append(conversation, "small");

        api().get("/v1/conversations/{c}/items?order=asc", conversation)
                .then()
                .body("data.id", equalTo(large))
                .body("has_more", is(true));
    }

    @Test
    void smallItemsFillTheirPageWhateverTheirNumber() {
        String conversation = newConversation();
        for (int i = 0; i < 3; i++) {
            append(conversation, IntStream.range(0, 20).mapToObj(n -> "hello").toArray(String[]::new));
        }

        api().get("/v1/conversations/{c}/items?limit=59", conversation)
                .then()
                .body("data.size()", is(59))
                .body("has_more", is(true));
        api().get("/v1/conversations/{c}/items?limit=60", conversation)
                .then()
                .body("data.size()", is(60))
                .body("has_more", is(false));
    }

    @Test
    void itemsThatAConversationBeginsWithCountToo() {
        String conversation = api().body("{" + items("x".repeat(9 * MIB), "small") + "}")
                .post("/v1/conversations")
                .path("id");

        api().get("/v1/conversations/{c}/items?order=asc", conversation)
                .then()
                .body("data.size()", is(1))
                .body("has_more", is(true));
    }

    @Test
    void referencesToMoreThanCanBeCopiedAtOnceAreTooLarge() {
        String conversation = newConversation();
        String one = append(conversation, "x".repeat(9 * MIB)).get(0);
        String other = append(conversation, "y".repeat(9 * MIB)).get(0);

        api().body("{\"items\":[" + reference(one) + "]}")
                .post("/v1/conversations/{id}/items", newConversation())
                .then()
                .statusCode(200);
        api().body("{\"items\":[" + reference(one) + "," + reference(other) + "]}")
                .post("/v1/conversations/{id}/items", newConversation())
                .then()
                .statusCode(413)
                .body("error.code", is("request_too_large"))
                .body("error.param", is("items"));
    }

    private static List<String> append(String conversation, String... texts) {
        return api().body("{" + items(texts) + "}")
                .post("/v1/conversations/{id}/items", conversation)
                .then()
                .statusCode(200)
                .extract()
                .path("data.id");
    }

    private static String items(String... texts) {
        List<String> items = new ArrayList<>();
        for (String text : texts) {
            items.add("{\"role\":\"user\",\"content\":\"" + text + "\"}");
        }
        return "\"items\":[" + String.join(",", items) + "]";
    }

    private static String reference(String id) {
        return "{\"type\":\"item_reference\",\"id\":\"" + id + "\"}";
    }

    private static List<String> reversed(List<String> ids) {
        return IntStream.rangeClosed(1, ids.size())
                .mapToObj(i -> ids.get(ids.size() - i))
                .toList();
    }
}
