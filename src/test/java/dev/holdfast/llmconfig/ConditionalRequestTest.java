package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.history;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.is;

import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entity tags, conditions, repeated requests, and who wins of many. */
@QuarkusTest
class ConditionalRequestTest {

    private static final String[] METHODS = {"PATCH", "DELETE", "POST"};

    @ParameterizedTest
    @ValueSource(
            strings = {"\"1\"", "\"3\"", "\"1\", \"3\"", "W/\"2\"", "\"x\"", "\"02x\"", "\"99999999999999999999\""})
    void whatIsAtAnotherVersionIsNotChanged(String condition) {
        String id = newConfig();
        patch(id, "{\"priority\":1}").then().statusCode(200);

        for (String method : METHODS) {
            conditional(method, id, condition)
                    .then()
                    .statusCode(412)
                    .body("error.code", is("precondition_failed"))
                    .body("error.param", is("If-Match"));
        }
        get(id).then().body("version", is(2)).body("is_default", is(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "*", "\"1\" , \"2\"", "W/\"9\",\"2\""})
    void whatIsAtAVersionThatIsAllowedIsChanged(String condition) {
        for (String method : METHODS) {
            String id = newConfig();
            patch(id, "{\"priority\":1}").then().statusCode(200);

            conditional(method, id, condition).then().statusCode(200);
        }
    }

    @Test
    void aConditionOnWhatIsNotThereIsNotFound() {
        String gone = "cfg_" + "0".repeat(40);
        for (String method : METHODS) {
            conditional(method, gone, "*").then().statusCode(404);
            conditional(method, gone, "\"1\"").then().statusCode(404);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            value = {"\"1\";304", "W/\"1\";304", "*;304", "\"0\", \"1\";304", "\"2\";200", "\"x\";200"})
    void whoHasTheVersionAlreadyIsToldSo(String known, int status) {
        String id = newConfig();

        Response answer = admin().header("If-None-Match", known).get(PATH + "/{id}", id);

        answer.then().statusCode(status).header("ETag", "\"1\"");
        if (status == 304) {
            answer.then().body(emptyString());
        }
    }

    @Test
    void ofManyThatChangeTheSameVersionOneWins() throws Exception {
        String id = newConfig();

        List<Integer> statuses = Parallel.run(
                16,
                i -> admin().header("If-Match", "\"1\"")
                        .body("{\"priority\":" + (i + 1) + "}")
                        .patch(PATH + "/{id}", id)
                        .statusCode());

        assertThat(statuses).containsOnlyOnce(200);
        assertThat(statuses.stream().filter(s -> s == 412)).hasSize(15);
        get(id).then().body("version", is(2));
    }

    @Test
    void unconditionalChangesOfDifferentFieldsAllLast() throws Exception {
        String id = newConfig();

        List<Integer> statuses = Parallel.run(
                16,
                i -> patch(
                                id,
                                switch (i % 4) {
                                    case 0 -> "{\"priority\":" + (i + 1) + "}";
                                    case 1 -> "{\"model\":\"m" + i + "\"}";
                                    case 2 -> "{\"limits\":{\"rpm\":" + i + "}}";
                                    default -> "{\"cost\":{\"input_per_mtok\":" + i + "}}";
                                })
                        .statusCode());

        assertThat(statuses).containsOnly(200);
        get(id).then().body("version", is(17));
        assertThat(history(id, "?limit=100").<List<Integer>>path("data.version"))
                .as("one entry for each version")
                .hasSize(17)
                .doesNotHaveDuplicates();
    }

    @Test
    void aRepeatedCreationWithItsKeyMakesOneConfig() {
        String key = newName();
        String body = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"api_key\":\"sk-repeated-0123456789\"}"
                .formatted(newName());

        Response first = keyed(key).body(body).post(PATH);
        first.then().statusCode(200).header("ETag", "\"1\"");
        patch(first.path("id"), "{\"priority\":9}").then().statusCode(200);
        Response second = keyed(key).body(body).post(PATH);

        second.then().statusCode(200).header("ETag", "\"1\"").body(is(first.asString()));
        keyed(key)
                .body(body.replace("\"m\"", "\"other\""))
                .post(PATH)
                .then()
                .statusCode(409)
                .body("error.code", is("idempotency_key_reused"));
        assertThat(TestDatabase.shared()
                        .value(String.class, "SELECT response FROM idempotency_keys WHERE key = ?", "admin " + key))
                .isEqualTo(first.asString())
                .doesNotContain("sk-repeated");
    }

    @Test
    void ofManyCreationsWithOneKeyAllGetTheSameAnswer() throws Exception {
        String key = newName();
        String body = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(newName());

        List<String> answers = Parallel.run(
                12,
                i -> keyed(key)
                        .body(body)
                        .post(PATH)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString());

        assertThat(answers).containsOnly(answers.get(0));
    }

    @Test
    void aRepeatedWishToBeTheDefaultWithItsKeyGetsTheFirstAnswer() {
        String key = newName();
        String id = newConfig();
        String path = PATH + "/" + id + "/default";

        Response first = keyed(key).post(path);
        first.then().statusCode(200).body("is_default", is(true)).body("version", is(2));
        Configs.makeDefault(newConfig()).then().statusCode(200);

        keyed(key).post(path).then().statusCode(200).header("ETag", "\"2\"").body(is(first.asString()));
        get(id).then().body("is_default", is(false)).body("version", is(3));
    }

    @Test
    void aRefusedRequestStoresNoKey() {
        String key = newName();
        keyed(key).body("{\"name\":\"x\"}").post(PATH).then().statusCode(400);
        keyed(key)
                .body("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(newName()))
                .post(PATH)
                .then()
                .statusCode(200);
    }

    private static Response conditional(String method, String id, String condition) {
        var request = admin().header("If-Match", condition);
        return switch (method) {
            case "PATCH" -> request.body("{\"priority\":7}").patch(PATH + "/{id}", id);
            case "DELETE" -> request.delete(PATH + "/{id}", id);
            default -> request.post(PATH + "/{id}/default", id);
        };
    }

    private static RequestSpecification keyed(String key) {
        return admin().header("Idempotency-Key", key);
    }
}
