package dev.holdfast.identity;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.db.Database;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class UserSettingsTest {

    private static final String PATH = "/v1/users/{user}/settings";
    private static final String FULL =
            "{\"language\":\"de-ch\",\"time_zone\":\"Europe/Zurich\",\"metadata\":{\"tone\":\"formal\"}}";

    @Inject
    Database database;

    private final String user = "user+" + UUID.randomUUID() + "@example.org|ü";

    @Test
    void settingsAreSetReadAndRemoved() {
        api().get(PATH, user).then().statusCode(404);

        api().body(FULL)
                .put(PATH, user)
                .then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("external_id", is(user))
                .body("object", is("user.settings"))
                .body("language", is("de-CH"))
                .body("time_zone", is("Europe/Zurich"))
                .body("metadata.tone", is("formal"))
                .body("version", is(1));
        api().get(PATH, user).then().statusCode(200).header("ETag", "\"1\"").body("language", is("de-CH"));
        api().header("If-None-Match", "\"1\"").get(PATH, user).then().statusCode(304);
        api().body("{}")
                .put(PATH, user)
                .then()
                .header("ETag", "\"2\"")
                .body("language", nullValue())
                .body("metadata.size()", is(0));
        api().delete(PATH, user).then().statusCode(200).body("object", is("user.settings.deleted"));
        api().delete(PATH, user).then().statusCode(404);
    }

    @Test
    void aChangeOfAnotherVersionIs412() {
        api().header("If-Match", "*").body(FULL).put(PATH, user).then().statusCode(412);
        api().body(FULL).put(PATH, user);

        api().header("If-Match", "\"2\"").body("{}").put(PATH, user).then().statusCode(412);
        api().header("If-Match", "\"1\"").body("{}").put(PATH, user).then().statusCode(200);
        api().header("If-Match", "*").body("{}").put(PATH, user).then().header("ETag", "\"3\"");
        api().header("If-Match", "\"1\"").delete(PATH, user).then().statusCode(412);
        api().header("If-Match", "\"3\"").delete(PATH, user).then().statusCode(200);
    }

    @Test
    void anotherProjectsUserIsAnotherUser() {
        String project = "p-" + UUID.randomUUID();
        admin().body("{\"id\":\"%s\",\"name\":\"Other\"}".formatted(project)).post("/admin/projects");
        api().body(FULL).put(PATH, user);

        admin().header("X-Holdfast-Project", project).get(PATH, user).then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"language\":\"not a tag\"}|language",
                "{\"language\":\"\"}|language",
                "{\"language\":7}|language",
                "{\"time_zone\":\"+01:00\"}|time_zone",
                "{\"time_zone\":\"Mars/Olympus\"}|time_zone",
                "{\"time_zone\":{}}|time_zone",
                "{\"metadata\":[]}|metadata",
                "{\"metadata\":{\"a\":1}}|metadata.a",
                "{\"locale\":\"de\"}|locale",
                "[]|",
                "{\"language\":\"de\",\"language\":\"en\"}|language"
            })
    void whatIsNoSettingIsRefusedWithoutAConnection(String body, String param) {
        long before = database.figures().asked();

        var answer = api().body(body).put(PATH, user);

        assertThat(database.figures().asked()).isEqualTo(before);
        answer.then().statusCode(400).body("error.param", is(param));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%07", "%20", "%2F"})
    void whatIsNoExternalIdIsRefused(String encoded) {
        api().urlEncodingEnabled(false)
                .get("/v1/users/" + encoded + "/settings")
                .then()
                .statusCode(org.hamcrest.Matchers.oneOf(400, 404))
                .body("error.code", matchesPattern("invalid_request|not_found"));
    }
}
