package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.holdfast.db.Database;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong with a config is refused by the name of the field, and before a connection is taken. */
@QuarkusTest
class ConfigBadInputTest {

    @Inject
    Database pool;

    static Stream<Arguments> badFields() {
        return Stream.of(
                Arguments.of("\"name\":null", "name"),
                Arguments.of("\"name\":\"\"", "name"),
                Arguments.of("\"name\":\" x\"", "name"),
                Arguments.of("\"name\":\"x \"", "name"),
                Arguments.of("\"name\":\"a//b\"", "name"),
                Arguments.of("\"name\":\"a/../b\"", "name"),
                Arguments.of("\"name\":\"a/.\"", "name"),
                Arguments.of("\"name\":\"a/\"", "name"),
                Arguments.of("\"name\":\"a?b\"", "name"),
                Arguments.of("\"name\":\"a\\u0000b\"", "name"),
                Arguments.of("\"name\":\"" + "x".repeat(129) + "\"", "name"),
                Arguments.of("\"provider\":null", "provider"),
                Arguments.of("\"provider\":\"OpenAI\"", "provider"),
                Arguments.of("\"provider\":7", "provider"),
                Arguments.of("\"model\":null", "model"),
                Arguments.of("\"model\":\" \"", "model"),
                Arguments.of("\"model\":\"a\\nb\"", "model"),
                Arguments.of("\"model\":\"\\ud800\"", "model"),
                Arguments.of("\"model\":\"" + "x".repeat(257) + "\"", "model"),
                Arguments.of("\"base_url\":\"\"", "base_url"),
                Arguments.of("\"base_url\":\"llm.example\"", "base_url"),
                Arguments.of("\"base_url\":\"/v1\"", "base_url"),
                Arguments.of("\"base_url\":\"ftp://llm.example\"", "base_url"),
                Arguments.of("\"base_url\":\"https://\"", "base_url"),
                Arguments.of("\"base_url\":\"https://user:pw@llm.example\"", "base_url"),
                Arguments.of("\"base_url\":\"https://llm.example/v1?key=x\"", "base_url"),
                Arguments.of("\"base_url\":\"https://llm.example/v1#x\"", "base_url"),
                Arguments.of("\"base_url\":\"https://llm.example:70000\"", "base_url"),
                Arguments.of("\"base_url\":\"https://llm example\"", "base_url"),
                Arguments.of("\"base_url\":\"https://llm.example/" + "x".repeat(2048) + "\"", "base_url"),
                Arguments.of("\"api_key\":\"\"", "api_key"),
                Arguments.of("\"api_key\":\"sk-with a blank\"", "api_key"),
                Arguments.of("\"api_key\":\"sk-with-newline\\n\"", "api_key"),
                Arguments.of("\"api_key\":\"" + "x".repeat(4097) + "\"", "api_key"),
                Arguments.of("\"api_key\":{\"sk\":1}", "api_key"),
                Arguments.of("\"params\":[]", "params"),
                Arguments.of("\"params\":\"x\"", "params"),
                Arguments.of("\"params\":{\"a\":1,\"a\":2}", "params.a"),
                Arguments.of("\"params\":{\"a\":\"" + "x".repeat(64 * 1024) + "\"}", "params"),
                Arguments.of("\"params\":{\"api_key\":\"x\"}", "params.api_key"),
                Arguments.of("\"params\":{\"X-API-Key\":\"x\"}", "params.X-API-Key"),
                Arguments.of("\"params\":{\"temperature\":1e999999999}", "params.temperature"),
                Arguments.of("\"params\":{\"temperature\":0." + "0".repeat(64) + "}", "params.temperature"),
                Arguments.of("\"is_active\":null", "is_active"),
                Arguments.of("\"is_active\":\"true\"", "is_active"),
                Arguments.of("\"is_default\":1", "is_default"),
                Arguments.of("\"priority\":null", "priority"),
                Arguments.of("\"priority\":1.5", "priority"),
                Arguments.of("\"priority\":1000001", "priority"),
                Arguments.of("\"priority\":\"1\"", "priority"),
                Arguments.of("\"limits\":[]", "limits"),
                Arguments.of("\"limits\":{\"rpd\":1}", "limits.rpd"),
                Arguments.of("\"limits\":{\"rpm\":1,\"rpm\":2}", "limits.rpm"),
                Arguments.of("\"limits\":{\"rpm\":0}", "limits.rpm"),
                Arguments.of("\"limits\":{\"tpm\":1.5}", "limits.tpm"),
                Arguments.of("\"limits\":{\"tpm\":1000000000001}", "limits.tpm"),
                Arguments.of("\"cost\":{\"input_per_mtok\":-0.1}", "cost.input_per_mtok"),
                Arguments.of("\"cost\":{\"output_per_mtok\":\"1\"}", "cost.output_per_mtok"),
                Arguments.of("\"cost\":{\"output_per_mtok\":0.000000001}", "cost.output_per_mtok"),
                Arguments.of("\"cost\":{\"output_per_mtok\":1000001}", "cost.output_per_mtok"),
                Arguments.of("\"metadata\":{\"k\":1}", "metadata.k"),
                Arguments.of("\"metadata\":{\"k\":\"" + "v".repeat(513) + "\"}", "metadata.k"),
                Arguments.of("\"colour\":\"red\"", "colour"),
                Arguments.of("\"id\":\"cfg_1\"", "id"),
                Arguments.of("\"version\":1", "version"),
                Arguments.of("\"model\":\"a\",\"model\":\"b\"", "model"));
    }

    @ParameterizedTest
    @MethodSource("badFields")
    void aBadFieldIsRefusedByNameWhetherItIsNewOrChanged(String field, String param) {
        String id = newConfig();
        String rest = Stream.of("\"name\":\"" + newName() + "\"", "\"provider\":\"openai\"", "\"model\":\"gpt-4o\"")
                .filter(good -> !field.startsWith(good.substring(0, good.indexOf(':'))))
                .reduce(field, (a, b) -> a + "," + b);
        long asked = pool.figures().asked();

        refused(create("{" + rest + "}"), param);
        refused(patch(id, "{" + field + "}"), param);

        assertThat(pool.figures().asked()).as("requests for a connection").isEqualTo(asked);
        get(id).then().body("version", is(1));
    }

    @ParameterizedTest
    @CsvSource({
        "temperature, -0.1, openai",
        "temperature, 2.1, openai",
        "temperature, 1.1, anthropic",
        "temperature, '\"1\"', openai",
        "temperature, true, custom",
        "top_p, 1.01, openai",
        "top_p, -1, google",
        "min_p, 2, ollama",
        "top_k, -1, google",
        "top_k, 1.5, anthropic",
        "frequency_penalty, -2.1, openai",
        "presence_penalty, 3, mistral",
        "max_tokens, 0, anthropic",
        "max_tokens, 1.5, openai",
        "max_completion_tokens, 0, openai",
        "max_output_tokens, 3000000000, google",
        "n, 0, openai",
        "top_logprobs, 21, openai"
    })
    void aParameterOutOfItsRangeIsRefusedByName(String name, String value, String provider) {
        long asked = pool.figures().asked();

        refused(
                create(
                        "{\"name\":\"%s\",\"provider\":\"%s\",\"model\":\"m\",\"base_url\":\"https://x.example\",\"params\":{\"%s\":%s}}"
                                .formatted(newName(), provider, name, value)),
                "params." + name);

        assertThat(pool.figures().asked()).as("requests for a connection").isEqualTo(asked);
    }

    @ParameterizedTest
    @CsvSource({
        "temperature, 0, openai",
        "temperature, 2, openai",
        "temperature, 1.0, anthropic",
        "temperature, null, openai",
        "top_p, 1, openai",
        "top_k, 0, google",
        "frequency_penalty, -2, openai",
        "max_tokens, 1, openai",
        "max_tokens, 1e3, openai",
        "num_predict, -1, ollama",
        "made_up, '[{\"x\":null}]', openai"
    })
    void aParameterInItsRangeOrUnknownIsKept(String name, String value, String provider) {
        Response made = create("{\"name\":\"%s\",\"provider\":\"%s\",\"model\":\"m\",\"params\":{\"%s\":%s}}"
                .formatted(newName(), provider, name, value));

        made.then().statusCode(200);
        assertThat(made.asString()).contains("\"params\":{\"" + name + "\":" + value + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"azure-openai", "openai-compatible", "custom"})
    void aProviderWithoutAPlaceOfItsOwnNeedsABaseUrl(String provider) {
        String body = "{\"name\":\"%s\",\"provider\":\"%s\",\"model\":\"m\"%s}";

        refused(create(body.formatted(newName(), provider, "")), "base_url");
        create(body.formatted(newName(), provider, ",\"base_url\":\"http://127.0.0.1:8000/v1\""))
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic", "google", "mistral", "ollama"})
    void aProviderWithAPlaceOfItsOwnNeedsNone(String provider) {
        create("{\"name\":\"%s\",\"provider\":\"%s\",\"model\":\"m\"}".formatted(newName(), provider))
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "provider", "model"})
    void whatAConfigMustHaveIsAskedFor(String missing) {
        String body = Stream.of("name", "provider", "model")
                .filter(field -> !field.equals(missing))
                .map(field -> "\"%s\":\"openai\"".formatted(field))
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();

        refused(create("{" + body + "}"), missing);
    }

    @Test
    void aPatchIsHeldToWhatTheConfigIsAlready() {
        String id = newConfig("\"params\":{\"temperature\":1.5}");

        refused(patch(id, "{\"provider\":\"anthropic\"}"), "params.temperature");
        refused(patch(id, "{\"provider\":\"azure-openai\"}"), "base_url");
        patch(id, "{\"provider\":\"anthropic\",\"params\":{\"temperature\":0.5}}")
                .then()
                .statusCode(200);
        refused(patch(id, "{\"params\":{\"temperature\":1.5}}"), "params.temperature");
    }

    @Test
    void anInactiveConfigIsNotTheDefault() {
        refused(
                create(
                        "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"is_active\":false,\"is_default\":true}"
                                .formatted(newName())),
                "is_active");
        String inactive = newConfig("\"is_active\":false");

        Configs.makeDefault(inactive)
                .then()
                .statusCode(409)
                .body("error.code", is("conflict"))
                .body("error.param", is("is_active"));
        patch(inactive, "{\"is_default\":true}").then().statusCode(409);
        patch(inactive, "{\"is_default\":true,\"is_active\":true}").then().statusCode(200);
        patch(inactive, "{\"is_active\":false}").then().statusCode(409).body("error.param", is("is_active"));
        patch(inactive, "{\"is_active\":false,\"is_default\":false}").then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "\"x\"", "null", "{", "{} {}", "{\"name\":\"x\""})
    void aBodyThatIsNoObjectIsRefused(String body) {
        refused(create(body), null);
        refused(patch(newConfig(), body), null);
    }

    @Test
    void aBodyOf257KibIsTooLarge() {
        create("{\"params\":{\"x\":\"" + "x".repeat(257 * 1024) + "\"}}")
                .then()
                .statusCode(413)
                .body("error.code", is("request_too_large"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "\"3", "W/3", "\"1\",,", "\"1\" \"2\""})
    void aMalformedConditionIsRefused(String header) {
        admin().header("If-Match", header)
                .body("{}")
                .patch(PATH + "/" + newConfig())
                .then()
                .statusCode(400)
                .body("error.param", is("If-Match"));
    }

    @Test
    void aRefusalSaysWhatIsAllowed() {
        create("{\"name\":\"x\",\"provider\":\"anthropic\",\"model\":\"m\",\"params\":{\"temperature\":1.5}}")
                .then()
                .statusCode(400)
                .body("error.message", containsString("from 0 to 1 for anthropic"));
    }

    private static void refused(Response response, String param) {
        response.then()
                .statusCode(400)
                .body("error.code", is("invalid_request"))
                .body("error.param", is(param));
    }
}
