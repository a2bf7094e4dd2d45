package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.accepted;
import static dev.holdfast.inbox.Inbox.awaitState;
import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.inbox.Inbox.stored;
import static dev.holdfast.inbox.Inbox.texts;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.inbox.Inbox.NewSource;
import dev.holdfast.testkit.Management;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of accepted messages. A message fails, in these tests, when its item's id is taken. */
@QuarkusTest
class DeliveryTest {

    private static NewSource source;

    @BeforeEach
    void makeSource() {
        source = source == null ? newSource() : source;
    }

    @Test
    void eachSendersMessagesEndInHisConversationInTheirOrder() throws Exception {
        List<String> senders = IntStream.range(0, 8).mapToObj(i -> newSender()).toList();

        Parallel.run(senders.size(), i -> {
            IntStream.range(0, 30).forEach(n -> accepted(source, message(senders.get(i), "n" + n)));
            return null;
        });

        List<String> expected = IntStream.range(0, 30).mapToObj(n -> "n" + n).toList();
        for (String sender : senders) {
            await().until(() -> texts(sender).size() >= 30);
            assertThat(texts(sender)).isEqualTo(expected);
        }
        assertThat(TestDatabase.shared()
                        .value(Long.class, "SELECT count(*) FROM inbox_senders WHERE external_id = ANY (?)", (Object)
                                senders.toArray(String[]::new)))
                .isZero();
    }

    @Test
    void aMessageThatFailsTooOftenIsSetAsideAndTheNextOnesGoOn() {
        String sender = newSender();
        awaitState(accepted(source, message(sender, "first", "taken")), "done");

        List<String> ids = new ArrayList<>();
        ids.add(accepted(source, message(sender, "second")));
        String poison = accepted(source, message(sender, "poison", "taken"));
        ids.add(accepted(source, message(sender, "third")));

        awaitState(poison, "dead")
                .then()
                .body("attempts", is(3))
                .body("reason", is("An item's id is taken in the conversation already."))
                .body("conversation_id", nullValue())
                .body("finished_at", notNullValue())
                .body("items.id", contains("taken"));
        ids.forEach(id -> awaitState(id, "done"));
        assertThat(texts(sender)).containsExactly("first", "second", "third");
        admin().get("/admin/inbox?state=dead&source=" + source.id())
                .then()
                .statusCode(200)
                .body("data.id", contains(poison))
                .body("data[0]", not(org.hamcrest.Matchers.hasKey("items")));
        await().until(() -> metric("holdfast_inbox_messages{state=\"dead\"}") >= 1);
        assertThat(metric("holdfast_inbox_dead_total")).isGreaterThanOrEqualTo(1);
        assertThat(metric("holdfast_inbox_failed_total")).isGreaterThanOrEqualTo(3);
        assertThat(metric("holdfast_inbox_delivered_total")).isGreaterThanOrEqualTo(3);
        remove(poison);
    }

    /** Whoever's messages come with it in one statement. */
    @Test
    void aMessageThatFailsHoldsNoOtherSenderUp() throws Exception {
        String sender = newSender();
        awaitState(accepted(source, message(sender, "first", "taken")), "done");
        List<String> others = IntStream.range(0, 12).mapToObj(i -> newSender()).toList();
        List<String> poison = new CopyOnWriteArrayList<>();

        Parallel.run(others.size(), i -> {
            accepted(source, message(others.get(i), "before"));
            if (i % 4 == 0) {
                poison.add(accepted(source, message(sender, "poison", "taken")));
            }
            accepted(source, message(others.get(i), "after"));
            return null;
        });

        for (String other : others) {
            await().until(() -> texts(other).size() == 2);
            assertThat(texts(other)).containsExactly("before", "after");
        }
        poison.forEach(message -> awaitState(message, "dead"));
        assertThat(texts(sender)).containsExactly("first");
        poison.forEach(DeliveryTest::remove);
    }

    @Test
    void whatWasSetAsideCanBeRetriedAndComesBehindWhatWasSentSince() {
        String sender = newSender();
        String conversation = awaitState(accepted(source, message(sender, "first", "taken")), "done")
                .path("conversation_id");
        String poison = accepted(source, message(sender, "poison", "taken"));
        awaitState(poison, "dead");
        awaitState(accepted(source, message(sender, "later")), "done");
        api().delete("/v1/conversations/{c}/items/taken", conversation).then().statusCode(200);

        admin().post("/admin/inbox/{m}/retry", poison)
                .then()
                .statusCode(200)
                .body("state", is("waiting"))
                .body("attempts", is(0));

        awaitState(poison, "done").then().body("reason", nullValue()).body("conversation_id", is(conversation));
        assertThat(texts(sender)).containsExactly("later", "poison");
        admin().post("/admin/inbox/{m}/retry", poison).then().statusCode(409).body("error.code", is("conflict"));
    }

    @Test
    void aRetryThatFailsAgainIsSetAsideAgain() {
        String sender = newSender();
        awaitState(accepted(source, message(sender, "first", "taken")), "done");
        String poison = accepted(source, message(sender, "poison", "taken"));
        awaitState(poison, "dead");

        admin().post("/admin/inbox/{m}/retry", poison).then().statusCode(200);

        awaitState(poison, "dead").then().body("attempts", is(3));
        remove(poison);
    }

    @Test
    void theQueueIsListedPageByPageInTheOrderOfAcceptance() {
        NewSource own = newSource();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(accepted(own, message(newSender(), "x")));
        }
        ids.forEach(id -> awaitState(id, "done"));
        List<String> sorted = ids.stream().sorted().toList();

        Response first = admin().get("/admin/inbox?order=asc&limit=3&source=" + own.id());
        first.then().body("data.id", is(sorted.subList(0, 3))).body("has_more", is(true));
        admin().get("/admin/inbox?order=asc&limit=3&source=%s&after=%s".formatted(own.id(), first.path("last_id")))
                .then()
                .body("data.id", is(sorted.subList(3, 5)))
                .body("has_more", is(false));
        admin().get("/admin/inbox?state=waiting&source=" + own.id()).then().body("data", hasSize(0));
        admin().get("/admin/inbox?state=done&limit=2")
                .then()
                .body("data", hasSize(2))
                .body("data.state", everyItem(is("done")));
        admin().get("/admin/inbox?limit=100").then().statusCode(200).body("data.size()", is(Math.min(100, size())));
    }

    private static int size() {
        return TestDatabase.shared()
                .value(Long.class, "SELECT count(*) FROM inbox_messages")
                .intValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"state=lost", "source=UPPER", "after=x", "limit=0", "state=done&state=dead"})
    void aListThatMakesNoSenseIsRefused(String query) {
        admin().get("/admin/inbox?" + query).then().statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inm_00000000000000000000000000000000", "nonsense", "%00"})
    void whatIsNotThereIs404(String id) {
        admin().urlEncodingEnabled(false).get("/admin/inbox/" + id).then().statusCode(404);
        admin().urlEncodingEnabled(false)
                .post("/admin/inbox/" + id + "/retry")
                .then()
                .statusCode(404);
    }

    /** What is set aside counts in the metrics of other tests. */
    private static void remove(String message) {
        assertThat(stored(message).path("state").toString()).isEqualTo("dead");
        TestDatabase.shared().execute("DELETE FROM inbox_messages WHERE id = ?", message);
    }

    private static double metric(String sample) {
        return RestAssured.get(Management.url("/q/metrics"))
                .asString()
                .lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }
}
