package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.delete;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Making, reading, changing, listing and deleting configs. */
@QuarkusTest
class ConfigApiTest {

    @Test
    void aConfigHasTheFieldsThatWereSentAndDefaultsForTheOthers() {
        String name = newName();
        Response made = create("""
                {"name":"%s","provider":"anthropic","model":"claude-sonnet-4","base_url":"https://llm.example/v1",
                 "api_key":"sk-ant-0123456789wxyz","params":{"temperature":0.50,"z":1e5,"a":{"b":"\\u0041"}},"is_active":false,
                 "priority":-3,"limits":{"rpm":60,"tpm":100000},"cost":{"input_per_mtok":2.50,"output_per_mtok":10},
                 "metadata":{"team":"search"}}
                """.formatted(name));

        made.then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("id", matchesPattern("cfg_[0-9a-f]{40}"))
                .body("object", is("llm_config"))
                .body("name", is(name))
                .body("provider", is("anthropic"))
                .body("model", is("claude-sonnet-4"))
                .body("base_url", is("https://llm.example/v1"))
                .body("$", not(hasKey("api_key")))
                .body("api_key_hint", is("wxyz"))
                .body("key_state", is("sealed"))
                .body("is_active", is(false))
                .body("is_default", is(false))
                .body("priority", is(-3))
                .body("limits", equalTo(Map.of("rpm", 60, "tpm", 100000)))
                .body("cost.input_per_mtok", is(2.5f))
                .body("cost.output_per_mtok", is(10))
                .body("metadata", hasEntry("team", "search"))
                .body("version", is(1));
        assertThat(made.asString())
                .as("parameters are kept as they were sent")
                .contains("{\"temperature\":0.50,\"z\":1e5,\"a\":{\"b\":\"\\u0041\"}}");
        assertThat(made.<Integer>path("created_at")).isEqualTo(made.<Integer>path("updated_at"));
        assertThat(get(made.path("id")).asString()).isEqualTo(made.asString());
        assertThat(admin().header("Cache-Control", "no-cache")
                        .get(PATH + "/" + made.path("id"))
                        .asString())
                .as("from PostgreSQL")
                .isEqualTo(made.asString());

        get(newConfig())
                .then()
                .body("base_url", nullValue())
                .body("api_key_hint", nullValue())
                .body("key_state", is("none"))
                .body("params", equalTo(Map.of()))
                .body("is_active", is(true))
                .body("is_default", is(false))
                .body("priority", is(0))
                .body("limits.rpm", nullValue())
                .body("limits.tpm", nullValue())
                .body("cost.input_per_mtok", nullValue())
                .body("metadata", equalTo(Map.of()));
    }

    @Test
    void aPatchChangesWhatItNamesAndNothingElse() {
        String id = newConfig(
                "\"params\":{\"top_p\":0.5,\"seed\":7}",
                "\"limits\":{\"rpm\":5,\"tpm\":6}",
                "\"metadata\":{\"a\":\"1\"}",
                "\"base_url\":\"https://one.example\"");
        String name = get(id).path("name");

        patch(
                        id,
                        "{\"model\":\"gpt-5\",\"params\":{\"top_p\":0.7},\"limits\":{\"rpm\":null},\"metadata\":{\"b\":\"2\"}}")
                .then()
                .statusCode(200)
                .header("ETag", "\"2\"")
                .body("name", is(name))
                .body("model", is("gpt-5"))
                .body("base_url", is("https://one.example"))
                .body("params", equalTo(Map.of("top_p", 0.7f)))
                .body("limits.rpm", nullValue())
                .body("limits.tpm", is(6))
                .body("metadata", equalTo(Map.of("b", "2")))
                .body("version", is(2));
        patch(id, "{\"base_url\":null,\"params\":null,\"limits\":null,\"cost\":null,\"metadata\":null}")
                .then()
                .statusCode(200)
                .body("base_url", nullValue())
                .body("params", equalTo(Map.of()))
                .body("limits.tpm", nullValue())
                .body("metadata", equalTo(Map.of()))
                .body("version", is(3));
    }

    @Test
    void aPatchThatChangesNothingMakesNoVersion() {
        String id = newConfig("\"priority\":4", "\"cost\":{\"input_per_mtok\":1}");

        patch(id, "{}").then().statusCode(200).body("version", is(1));
        patch(id, "{\"priority\":4,\"model\":\"gpt-4o\",\"api_key\":null,\"cost\":{\"input_per_mtok\":1.00}}")
                .then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("version", is(1));
    }

    @ParameterizedTest
    @CsvSource({"sk-01234567, ", "sk-012345678, 5678", "sk-0123456789, 6789"})
    void onlyALongKeyHasAHint(String key, String hint) {
        get(newConfig("\"api_key\":\"" + key + "\"")).then().body("api_key_hint", is(hint));
    }

    @Test
    void aKeyIsReplacedAndRemoved() {
        String id = newConfig("\"api_key\":\"sk-first-0123456789\"");

        patch(id, "{\"api_key\":\"sk-second-9876543210\"}")
                .then()
                .statusCode(200)
                .body("api_key_hint", is("3210"))
                .body("key_state", is("sealed"))
                .body("version", is(2));
        patch(id, "{\"api_key\":null}")
                .then()
                .statusCode(200)
                .body("api_key_hint", nullValue())
                .body("key_state", is("none"))
                .body("version", is(3));
    }

    @Test
    void aNameIsTakenOnce() {
        String name = newName();
        String body = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(name);
        create(body).then().statusCode(200);

        create(body).then().statusCode(409).body("error.code", is("conflict")).body("error.param", is("name"));
        patch(newConfig(), "{\"name\":\"" + name + "\"}")
                .then()
                .statusCode(409)
                .body("error.code", is("conflict"))
                .body("error.param", is("name"));
    }

    @Test
    void aDeletedConfigIsGoneAndItsNameIsFree() {
        String id = newConfig();
        String name = get(id).path("name");

        delete(id)
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("object", is("llm_config.deleted"))
                .body("deleted", is(true));
        get(id).then().statusCode(404).body("error.code", is("not_found"));
        patch(id, "{}").then().statusCode(404);
        delete(id).then().statusCode(404);
        create("{\"name\":\"" + name + "\",\"provider\":\"openai\",\"model\":\"m\"}")
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cfg_0123456789abcdef0123456789abcdef01234567", "cfg_none", "debug", "x%00y"})
    void whatIsNotThereIsNotFound(String id) {
        String path = PATH + "/" + id;
        admin().urlEncodingEnabled(false).get(path).then().statusCode(404).body("error.code", is("not_found"));
        admin().urlEncodingEnabled(false).body("{}").patch(path).then().statusCode(404);
        admin().urlEncodingEnabled(false).delete(path).then().statusCode(404);
        admin().urlEncodingEnabled(false).post(path + "/default").then().statusCode(404);
        admin().urlEncodingEnabled(false).get(path + "/history").then().statusCode(404);
    }

    @Test
    void configsAreListedPageByPageUpAndDown() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(newConfig());
        }
        List<String> listed = new ArrayList<>();
        String after = ids.get(0);
        boolean more = true;
        while (more) {
            Response page = admin().get(PATH + "?limit=2&order=asc&after=" + after);
            page.then().statusCode(200).body("object", is("list"));
            List<String> data = page.path("data.id");
            assertThat(page.<String>path("first_id")).isEqualTo(data.get(0));
            after = page.path("last_id");
            assertThat(after).isEqualTo(data.get(data.size() - 1));
            listed.addAll(data);
            more = page.path("has_more");
        }

        assertThat(listed).containsSubsequence(ids.subList(1, 5));
        admin().get(PATH + "?limit=2&after=" + ids.get(4))
                .then()
                .body("data.id", contains(ids.get(3), ids.get(2)))
                .body("has_more", is(true));
    }

    @Test
    void aListIsFilteredByProviderAndActivity() {
        String before = newConfig();
        String active = create("{\"name\":\"%s\",\"provider\":\"mistral\",\"model\":\"m\"}".formatted(newName()))
                .path("id");
        String inactive = create("{\"name\":\"%s\",\"provider\":\"mistral\",\"model\":\"m\",\"is_active\":false}"
                        .formatted(newName()))
                .path("id");
        newConfig("\"is_active\":false");
        String from = PATH + "?order=asc&after=" + before;

        admin().get(from + "&provider=mistral").then().body("data.id", contains(active, inactive));
        admin().get(from + "&provider=mistral&active=true").then().body("data.id", contains(active));
        admin().get(from + "&provider=mistral&active=false").then().body("data.id", contains(inactive));
        admin().get(from + "&provider=ollama")
                .then()
                .statusCode(200)
                .body("data.size()", is(0))
                .body("first_id", nullValue())
                .body("has_more", is(false));
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit",
        "limit=101, limit",
        "order=up, order",
        "after=conv_0123, after",
        "after=, after",
        "provider=nobody, provider",
        "provider=openai&provider=openai, provider",
        "active=yes, active",
        "active=true&active=true, active"
    })
    void badQueriesOfAListAreRefusedByName(String query, String param) {
        admin().get(PATH + "?" + query)
                .then()
                .statusCode(400)
                .body("error.code", is("invalid_request"))
                .body("error.param", is(param));
    }

    @Test
    void onlyAdministratorsGetThere() {
        String id = newConfig();

        api().get(PATH).then().statusCode(403).body("error.code", is("insufficient_permissions"));
        api().get(PATH + "/" + id).then().statusCode(403);
        api().body("{}").patch(PATH + "/" + id).then().statusCode(403);
        api().post(PATH + "/reseal").then().statusCode(403);
    }

    @Test
    void otherMethodsAndMediaTypesAreRefused() {
        admin().put(PATH).then().statusCode(405);
        admin().contentType("text/plain").body("{}").post(PATH).then().statusCode(415);
    }

    @Test
    void thePoolStatusIsStillUnderThePathOfThePanels() {
        admin().get(PATH + "/debug/pool-status").then().statusCode(200).body("$", hasKey("utilization"));
    }
}
