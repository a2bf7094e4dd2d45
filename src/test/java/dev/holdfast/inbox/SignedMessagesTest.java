package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.SOURCES;
import static dev.holdfast.inbox.Inbox.awaitState;
import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.inbox.Inbox.signed;
import static dev.holdfast.inbox.Inbox.texts;
import static dev.holdfast.testkit.Api.admin;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import dev.holdfast.db.Database;
import dev.holdfast.inbox.Inbox.NewSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that bring a signature instead of a key. */
@QuarkusTest
class SignedMessagesTest {

    private static final String PATH = "/v1/inbox/{source}";

    @Inject
    Database database;

    private NewSource source;

    @BeforeEach
    void makeSource() {
        source = newSource();
    }

    @Test
    void aSignedMessageNeedsNoKey() {
        String sender = newSender();

        Response answer =
                signed(source.secret(), "m-1", message(sender, "signed")).post(PATH, source.id());

        answer.then().statusCode(202);
        awaitState(answer.path("id"), "done").then().body("sender_message_id", is("m-1"));
        assertThat(texts(sender)).containsExactly("signed");
    }

    @Test
    void whoeverSendsAMessageAgainGetsTheSameAnswerAndItIsThereOnce() {
        String sender = newSender();
        String body = message(sender, "again");
        long at = Instant.now().getEpochSecond();
        Response first = signed(source.secret(), "m-1", at, body).post(PATH, source.id());
        first.then().statusCode(202);
        awaitState(first.path("id"), "done");

        Response replayed = signed(source.secret(), "m-1", at, body).post(PATH, source.id());
        Response retried = signed(source.secret(), "m-1", at + 1, body).post(PATH, source.id());

        replayed.then().statusCode(202).body(is(first.asString()));
        retried.then().statusCode(202).body(is(first.asString()));
        assertThat(texts(sender)).containsExactly("again");
    }

    static Stream<Arguments> wrong() {
        String body = message("nobody", "wrong");
        long now = Instant.now().getEpochSecond();
        Function<NewSource, RequestSpecification> changed =
                s -> signed(s.secret(), "m", body).body(body.replace("wrong", "right"));
        return Stream.of(
                of("too old", s -> signed(s.secret(), "m", now - 400, body)),
                of("too new", s -> signed(s.secret(), "m", now + 400, body)),
                of("another source's secret", s -> signed(newSource().secret(), "m", body)),
                of("another body", changed),
                of(
                        "no signature at all",
                        s -> given().contentType(ContentType.JSON).body(body)),
                of(
                        "nonsense",
                        s -> given().contentType(ContentType.JSON)
                                .header("webhook-id", "m")
                                .header("webhook-timestamp", now)
                                .header("webhook-signature", "v1,%%%")
                                .body(body)),
                of(
                        "no id",
                        s -> given().contentType(ContentType.JSON)
                                .header("webhook-timestamp", now)
                                .header("webhook-signature", "v1,AAAA")
                                .body(body)),
                of(
                        "a wrong key beside it",
                        s -> signed(s.secret(), "m", body)
                                .header("Authorization", "Bearer wrong-key-of-more-than-32-characters")));
    }

    private static Arguments of(String what, Function<NewSource, RequestSpecification> request) {
        return Arguments.of(what, request);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void whatIsNotSignedRightIs401AndTakesNoConnection(String what, Function<NewSource, RequestSpecification> request) {
        RequestSpecification made = request.apply(source);
        long before = database.figures().asked();

        Response answer = made.post(PATH, source.id());

        assertThat(database.figures().asked()).isEqualTo(before);
        answer.then().statusCode(401).body("error.code", is("invalid_api_key"));
    }

    @Test
    void aSignatureIsForNoOtherSourceAndForNothingElse() {
        String body = message(newSender(), "x");

        signed(source.secret(), "m", body).post(PATH, newSource().id()).then().statusCode(401);
        signed(source.secret(), "m", body).post(PATH, "unknown").then().statusCode(401);
        signed(source.secret(), "m", body).post("/v1/inbox").then().statusCode(404);
        signed(source.secret(), "m", body).post("/v1/conversations").then().statusCode(401);
        signed(source.secret(), "m", body)
                .urlEncodingEnabled(false)
                .post("/v1/inbox/" + source.id() + "/../../conversations")
                .then()
                .statusCode(401);
        signed(source.secret(), "m", body)
                .post("/v1/inbox/" + source.id() + "/x")
                .then()
                .statusCode(401);
    }

    @Test
    void whileASecretIsChangedBothAreValid() {
        String newer = admin().post(SOURCES + "/{id}/secret", source.id())
                .then()
                .statusCode(200)
                .extract()
                .path("secret");

        sent(source.secret(), "old").then().statusCode(202);
        sent(newer, "new").then().statusCode(202);
        admin().delete(SOURCES + "/{id}/previous-secret", source.id()).then().statusCode(200);
        sent(source.secret(), "too late").then().statusCode(401);
        sent(newer, "still").then().statusCode(202);
        admin().delete(SOURCES + "/{id}", source.id()).then().statusCode(200);
        sent(newer, "gone").then().statusCode(401);
    }

    @Test
    void aThirdSecretEndsTheFirst() {
        String second = admin().post(SOURCES + "/{id}/secret", source.id()).path("secret");
        admin().post(SOURCES + "/{id}/secret", source.id()).then().statusCode(200);

        sent(source.secret(), "first").then().statusCode(401);
        sent(second, "second").then().statusCode(202);
    }

    private Response sent(String secret, String text) {
        return signed(secret, "m-" + text.replace(' ', '-'), message(newSender(), text))
                .post(PATH, source.id());
    }
}
