package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class IdempotencyTest {

    private static Response post(String path, String body, String key) {
        return api().header("Idempotency-Key", key).body(body).post(path);
    }

    private static String key() {
        return UUID.randomUUID().toString();
    }

    @Test
    void theSameAppendAgainGivesTheFirstAnswerAndAppendsOnce() {
        String id = newConversation();
        String key = key();
        String path = "/v1/conversations/" + id + "/items";
        String first = post(path, message("once"), key)
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(post(path, message("once"), key)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .isEqualTo(first);
        api().get(path).then().body("data", hasSize(1));
    }

    @Test
    void theSameCreationAgainGivesTheSameConversation() {
        String key = key();
        String body = "{\"metadata\":{\"a\":\"b\"},\"items\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        String first = post("/v1/conversations", body, key).asString();
        assertThat(post("/v1/conversations", body, key)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .isEqualTo(first);
    }

    @Test
    void theSameKeyForAnotherBodyOrPathIsRefused() {
        String id = newConversation();
        String key = key();
        String path = "/v1/conversations/" + id + "/items";
        post(path, message("one"), key).then().statusCode(200);
        post(path, message("two"), key).then().statusCode(409).body("error.code", equalTo("idempotency_key_reused"));
        post("/v1/conversations", message("one"), key).then().statusCode(409);
        api().get(path).then().body("data", hasSize(1));
    }

    @Test
    void ownItemIdsAndADeletedConversationDoNotHideTheFirstAnswer() {
        String id = newConversation();
        String key = key();
        String path = "/v1/conversations/" + id + "/items";
        String body = "{\"items\":[{\"id\":\"own\",\"role\":\"user\",\"content\":\"x\"}]}";
        String first = post(path, body, key).then().statusCode(200).extract().asString();
        assertThat(post(path, body, key).then().statusCode(200).extract().asString())
                .isEqualTo(first);
        api().delete("/v1/conversations/{id}", id).then().statusCode(200);
        assertThat(post(path, body, key).then().statusCode(200).extract().asString())
                .isEqualTo(first);
    }

    @Test
    void aRefusedRequestStoresNothing() {
        String key = key();
        String path = "/v1/conversations/conv_" + "1".repeat(40) + "/items";
        post(path, message("x"), key).then().statusCode(404);
        post("/v1/conversations", "{\"metadata\":1}", key).then().statusCode(400);
        post("/v1/conversations", "{}", key).then().statusCode(200);
    }

    @Test
    void aKeyMayBeUsedAnewAfterADay() {
        String id = newConversation();
        String key = key();
        String path = "/v1/conversations/" + id + "/items";
        post(path, message("first"), key).then().statusCode(200);
        TestDatabase.shared()
                .execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = ?", key);
        post(path, message("second"), key).then().statusCode(200);
        api().get(path).then().body("data", hasSize(2));
    }

    @Test
    void ofManyAtTheSameTimeOneAppendsAndAllGetItsAnswer() throws Exception {
        String id = newConversation();
        String key = key();
        String path = "/v1/conversations/" + id + "/items";
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<String>> answers = IntStream.range(0, 24)
                    .mapToObj(i -> threads.submit(() -> post(path, message("racing"), key)
                            .then()
                            .statusCode(200)
                            .extract()
                            .asString()))
                    .toList();
            String first = answers.get(0).get();
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo(first);
            }
        } finally {
            threads.shutdownNow();
        }
        api().get(path).then().body("data", hasSize(1));
    }

    @Test
    void aMalformedKeyIsABadRequest() {
        post("/v1/conversations", "{}", "k".repeat(256))
                .then()
                .statusCode(400)
                .body("error.param", equalTo("Idempotency-Key"));
    }
}
