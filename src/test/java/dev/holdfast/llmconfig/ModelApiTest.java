package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.delete;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.models.models.Model;
import dev.holdfast.testkit.Api;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What projects see of configs: OpenAI's models. */
@QuarkusTest
class ModelApiTest {

    @TestHTTPResource("/v1")
    URI baseUrl;

    @Test
    void anActiveConfigIsAModelInOpenAisShapeAndNothingMore() {
        String name = newName();
        Response config = create(
                "{\"name\":\"%s\",\"provider\":\"mistral\",\"model\":\"large\",\"api_key\":\"sk-0123456789abcdef\"}"
                        .formatted(name));
        Map<String, Object> model =
                Map.of("id", name, "object", "model", "created", config.path("created_at"), "owned_by", "mistral");

        api().get("/v1/models/{model}", name).then().statusCode(200).body("$", equalTo(model));
        api().get("/v1/models")
                .then()
                .statusCode(200)
                .body("object", is("list"))
                .body("data", hasItem(equalTo(model)));
    }

    @Test
    void anInactiveRenamedOrDeletedConfigIsNoModelAnyMore() {
        String name = newName();
        String id = create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(name))
                .path("id");

        patch(id, "{\"is_active\":false}").then().statusCode(200);
        api().get("/v1/models/{model}", name).then().statusCode(404).body("error.code", is("not_found"));
        api().get("/v1/models").then().body("data.id", not(hasItem(name)));

        patch(id, "{\"is_active\":true,\"name\":\"" + name + "-2\"}").then().statusCode(200);
        api().get("/v1/models/{model}", name).then().statusCode(404);
        api().get("/v1/models/{model}", name + "-2").then().statusCode(200);

        delete(id).then().statusCode(200);
        api().get("/v1/models/{model}", name + "-2").then().statusCode(404);
    }

    @Test
    void modelsAreListedTheDefaultFirstAndThenByPriority() {
        String stem = newName();
        String body = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"priority\":%d,\"is_default\":%s}";
        create(body.formatted(stem + "-b", 999_999, "false"));
        create(body.formatted(stem + "-a", 999_999, "false"));
        create(body.formatted(stem + "-d", -5, "true"));
        create(body.formatted(stem + "-c", 1_000_000, "false"));

        List<String> ids = api().get("/v1/models").path("data.id");

        assertThat(ids).startsWith(stem + "-d").containsSubsequence(stem + "-c", stem + "-a", stem + "-b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GPT-4 (Production)", "openai/gpt-4o", "a/b/c", "llama3.1:8b", "x@y+z, 1.", "org/model:free"})
    void aNameIsFoundEscapedAndAsItIs(String name) throws Exception {
        String unique = newName() + "/" + name;
        String id = create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(unique))
                .path("id");

        get(id).then().body("name", is(unique));
        api().get("/v1/models/{model}", unique).then().statusCode(200).body("id", is(unique));
        api().urlEncodingEnabled(false)
                .get("/v1/models/" + unique.replace(" ", "%20"))
                .then()
                .statusCode(200)
                .body("id", is(unique));
        assertThat(client().models().retrieve(unique).id()).isEqualTo(unique);
    }

    @Test
    void openAisClientListsAndFindsModels() {
        String name = newName();
        create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(name));

        Model model = client().models().list().data().stream()
                .filter(listed -> listed.id().equals(name))
                .findFirst()
                .orElseThrow();

        assertThat(client().models().retrieve(name)).isEqualTo(model);
        assertThat(model.ownedBy()).isEqualTo("openai");
        assertThatThrownBy(() -> client().models().retrieve(name + "-none")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void modelsNeedAKeyAndCannotBeChanged() {
        io.restassured.RestAssured.get("/v1/models").then().statusCode(401);
        api().delete("/v1/models/x").then().statusCode(405);
        api().body("{}").post("/v1/models").then().statusCode(405);
    }

    private OpenAIClient client() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(baseUrl.toString())
                .apiKey(Api.KEY)
                .responseValidation(true)
                .build();
    }
}
