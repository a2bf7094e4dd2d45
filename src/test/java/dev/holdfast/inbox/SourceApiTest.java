package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.SOURCES;
import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.inbox.Inbox.signed;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.holdfast.inbox.Inbox.NewSource;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.PostgresResource;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class SourceApiTest {

    @Inject
    Sealing sealing;

    @AfterEach
    void useTheKeysetAgain() {
        sealing.use(Keyset.parse(PostgresResource.KEYSET));
    }

    @Test
    void aSourcesSecretIsShownOnceAndStoredSealed() {
        String id = "src-" + UUID.randomUUID();

        String secret = admin().body("{\"id\":\"%s\",\"name\":\"Chat\"}".formatted(id))
                .post(SOURCES)
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("object", is("inbox.source"))
                .body("project", is("default"))
                .body("name", is("Chat"))
                .body("secret", startsWith("whsec_"))
                .body("secret_state", is("sealed"))
                .body("previous_secret_created_at", nullValue())
                .extract()
                .path("secret");

        String listed = admin().get(SOURCES + "?limit=100").asString();
        assertThat(listed).contains(id).doesNotContain("whsec_");
        String stored = TestDatabase.shared()
                .value(String.class, "SELECT encode(secret, 'escape') FROM inbox_sources WHERE id = ?", id);
        assertThat(stored).doesNotContain("whsec_").doesNotContain(secret.substring(6));
    }

    @Test
    void sourcesAreListedPageByPageAndDeleted() {
        String first = newSource().id();
        String second = newSource().id();
        String low = first.compareTo(second) < 0 ? first : second;
        String high = low.equals(first) ? second : first;

        admin().get(SOURCES + "?order=asc&limit=1&after=" + low)
                .then()
                .statusCode(200)
                .body("data.size()", is(1));
        admin().get(SOURCES + "?order=desc&limit=100").then().body("data.id", hasItem(high));
        admin().delete(SOURCES + "/{id}", low).then().statusCode(200).body("object", is("inbox.source.deleted"));
        admin().delete(SOURCES + "/{id}", low).then().statusCode(404);
        admin().get(SOURCES + "?order=desc&limit=100").then().body("data.id", not(hasItem(low)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|id",
                "{\"id\":\"UPPER\"}|id",
                "{\"id\":\"a\",\"project\":\"no such\"}|project",
                "{\"id\":\"a\",\"project\":\"unknown-project\"}|project",
                "{\"id\":\"a\",\"name\":\"\\u0007\"}|name",
                "{\"id\":\"a\",\"secret\":\"mine\"}|secret"
            })
    void whatIsNoSourceIsRefused(String body, String param) {
        admin().body(body).post(SOURCES).then().statusCode(400).body("error.param", is(param));
    }

    @Test
    void anIdIsTakenOnce() {
        String id = newSource().id();

        admin().body("{\"id\":\"%s\"}".formatted(id))
                .post(SOURCES)
                .then()
                .statusCode(409)
                .body("error.param", is("id"));
    }

    @Test
    void aProjectsKeyMayNotAdminister() {
        api().get(SOURCES).then().statusCode(403);
        api().get("/admin/inbox").then().statusCode(403);
    }

    @Test
    void withoutAKeysetThereIsNoSecret() {
        sealing.use(null);

        admin().body("{\"id\":\"src-unsealed\"}")
                .post(SOURCES)
                .then()
                .statusCode(409)
                .body("error.param", is("secret"))
                .body("error.message", notNullValue());
    }

    @Test
    void secretsAreSealedAnewWithTheKeysetsPrimaryKey() {
        NewSource source = newSource();
        admin().post(SOURCES + "/{id}/secret", source.id()).then().statusCode(200);
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        sealing.use(Keyset.parse(rotated));

        Response answer = admin().post(SOURCES + "/reseal");

        answer.then().statusCode(200).body("complete", is(answer.<Integer>path("undecryptable") == 0));
        assertThat(answer.jsonPath().getLong("primary_key_id"))
                .isEqualTo(Keyset.parse(rotated).primaryId());
        assertThat(TestDatabase.shared()
                        .query("SELECT secret, previous_secret FROM inbox_sources WHERE id = ?", source.id())
                        .get(0)
                        .values())
                .allSatisfy(found -> assertThat((byte[]) found)
                        .startsWith(Keyset.parse(rotated).prefix()));
        signed(source.secret(), "m", message(newSender(), "by the secret before"))
                .post("/v1/inbox/{source}", source.id())
                .then()
                .statusCode(202);
    }

    @Test
    void aSecretThatCannotBeOpenedIsCountedAndLeavesTheResealIncomplete() {
        NewSource shut = newSource();
        NewSource half = newSource();
        sealing.use(Keyset.parse(Keyset.generate()));
        admin().post(SOURCES + "/{id}/secret", half.id()).then().statusCode(200);
        byte[] before = secret(shut);

        admin().post(SOURCES + "/reseal")
                .then()
                .statusCode(200)
                .body("resealed", greaterThanOrEqualTo(1))
                .body("undecryptable", greaterThanOrEqualTo(2))
                .body("complete", is(false));

        assertThat(secret(shut)).as("left as it was").isEqualTo(before);
    }

    @Test
    void aSecretThatIsForgottenWhileSecretsAreSealedAnewStaysForgotten() throws Exception {
        NewSource source = newSource();
        admin().post(SOURCES + "/{id}/secret", source.id()).then().statusCode(200);

        CompletableFuture<Response> reseal;
        try (Connection forgets = TestDatabase.shared().connection();
                PreparedStatement forget = forgets.prepareStatement(
                        "UPDATE inbox_sources SET previous_secret = NULL, previous_secret_at = NULL WHERE id = ?")) {
            forgets.setAutoCommit(false);
            forget.setString(1, source.id());
            forget.executeUpdate();
            reseal = resealThatWaits();
            forgets.commit();
        }

        reseal.get().then().statusCode(200);
        assertThat(TestDatabase.shared()
                        .query("SELECT previous_secret FROM inbox_sources WHERE id = ?", source.id())
                        .get(0)
                        .get("previous_secret"))
                .isNull();
    }

    @Test
    void aSecretThatIsExchangedWhileSecretsAreSealedAnewLeavesTheResealIncomplete() throws Exception {
        // What no key opens any more would leave it incomplete, too.
        TestDatabase.shared().execute("DELETE FROM inbox_sources");
        NewSource source = newSource();
        sealing.use(Keyset.parse(Keyset.rotate(PostgresResource.KEYSET)));
        byte[] exchanged = sealing.seal(source.id(), source.secret(), "secret");

        CompletableFuture<Response> reseal;
        try (Connection rotates = TestDatabase.shared().connection();
                PreparedStatement rotate = rotates.prepareStatement("UPDATE inbox_sources"
                        + " SET previous_secret = secret, previous_secret_at = secret_at, secret = ? WHERE id = ?")) {
            rotates.setAutoCommit(false);
            rotate.setBytes(1, exchanged);
            rotate.setString(2, source.id());
            rotate.executeUpdate();
            reseal = resealThatWaits();
            rotates.commit();
        }

        // The secret before is sealed with the old key still.
        reseal.get().then().statusCode(200).body("undecryptable", is(0)).body("complete", is(false));
        assertThat(secret(source)).isEqualTo(exchanged);
        admin().post(SOURCES + "/reseal")
                .then()
                .statusCode(200)
                .body("resealed", is(1))
                .body("complete", is(true));
    }

    /** One that has read all secrets and can't write them yet. */
    private static CompletableFuture<Response> resealThatWaits() {
        CompletableFuture<Response> reseal = CompletableFuture.supplyAsync(() -> admin().post(SOURCES + "/reseal"));
        await().until(() -> TestDatabase.shared()
                        .value(
                                Long.class,
                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                        + " AND query LIKE 'UPDATE inbox_sources s%'")
                == 1);
        return reseal;
    }

    private static byte[] secret(NewSource source) {
        return TestDatabase.shared().value(byte[].class, "SELECT secret FROM inbox_sources WHERE id = ?", source.id());
    }
}
