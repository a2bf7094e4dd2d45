package dev.holdfast.admin.page;

import static dev.holdfast.admin.page.Browserless.session;
import static dev.holdfast.admin.page.Browserless.with;
import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ConfigPagesTest {

    private static final String CONFIGS = "/admin/page/configs";
    private static final String SECRET = "sk-marked-secret-0123";

    private final String name = "page-" + UUID.randomUUID();
    private String session;

    @BeforeEach
    void logIn() {
        session = session();
    }

    private Map<String, String> filledIn() {
        Map<String, String> fields = new HashMap<>();
        fields.put("name", name);
        fields.put("provider", "openai");
        fields.put("model", "gpt-4o-mini");
        fields.put("is_active", "on");
        fields.put("priority", "3");
        return fields;
    }

    private Response send(String path, Map<String, String> fields) {
        return with(session).formParams(fields).post(path);
    }

    private String created(Map<String, String> fields) {
        String location =
                send(CONFIGS + "/new", fields).then().statusCode(303).extract().header("Location");
        return location.substring(location.lastIndexOf('/') + 1);
    }

    private static ValidatableResponse stored(String id) {
        return admin().get("/admin/llm-configs/" + id).then();
    }

    @Test
    void whatIsFilledInIsStoredAndComesBackIntoTheForm() {
        Map<String, String> fields = filledIn();
        fields.put("api_key", SECRET);
        fields.put("params.temperature", "0.20");
        fields.put("params", "{\"seed\": 7}");
        fields.put("limits.rpm", "500");
        fields.put("cost.input_per_mtok", "0.15");
        fields.put("metadata", "{\"team\":\"search\"}");
        String id = created(fields);

        stored(id)
                .body("priority", equalTo(3))
                .body("params.seed", equalTo(7))
                .body("params.temperature", equalTo(0.20f))
                .body("limits.rpm", equalTo(500))
                .body("key_state", equalTo("sealed"));
        with(session)
                .get(CONFIGS + "/" + id)
                .then()
                .statusCode(200)
                .body(allOf(
                        containsString("value=\"0.20\""),
                        containsString("value=\"500\""),
                        containsString("&quot;seed&quot; : 7"),
                        containsString("…0123"),
                        not(containsString(SECRET))));
    }

    @ParameterizedTest
    @CsvSource({
        "name, '', name",
        "model, '', model",
        "base_url, nonsense, base_url",
        "priority, many, priority",
        "limits.rpm, 0, limits.rpm",
        "cost.output_per_mtok, -1, cost.output_per_mtok",
        "params.temperature, 3, params.temperature",
        "params.temperature, warm, params.temperature",
        "params, [1], params",
        "params, '{\"api_key\":\"x\"}', params",
        "params, '{', params",
        "metadata, '{\"a\":1}', metadata",
        "api_key, 'no spaces', api_key",
    })
    void whatIsWrongIsSaidBesideItsField(String field, String value, String wrong) {
        Map<String, String> fields = filledIn();
        fields.put(field, value);
        String html =
                send(CONFIGS + "/new", fields).then().statusCode(422).extract().asString();
        assertThat(html).containsPattern("id=\"" + wrong + "-error\"[^>]*>[^<]+</p>");
        assertThat(html).contains(name.equals(fields.get("name")) ? "value=\"" + name + "\"" : "id=\"name-error\"");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        Map<String, String> fields = filledIn();
        fields.put("model", "");
        fields.put("limits.tpm", "x");
        String html = send(CONFIGS + "/new", fields).asString();
        assertThat(html)
                .containsPattern("id=\"model-error\"[^>]*>[^<]+</p>")
                .containsPattern("id=\"limits.tpm-error\"[^>]*>[^<]+</p>");
    }

    @Test
    void whatFieldsAreTogetherIsSaidBesideOneOfThem() {
        created(filledIn());
        assertThat(send(CONFIGS + "/new", filledIn())
                        .then()
                        .statusCode(409)
                        .extract()
                        .asString())
                .containsPattern("id=\"name-error\"[^>]*>There already is");
        Map<String, String> fields = filledIn();
        fields.put("name", name + "-2");
        fields.put("provider", "custom");
        assertThat(send(CONFIGS + "/new", fields)
                        .then()
                        .statusCode(400)
                        .extract()
                        .asString())
                .containsPattern("id=\"base_url-error\"[^>]*>[^<]+needed");
    }

    @Test
    void anEditChangesWhatIsChangedAndKeepsTheRest() {
        Map<String, String> fields = filledIn();
        fields.put("api_key", SECRET);
        fields.put("params", "{\"seed\": 7.50}");
        String id = created(fields);
        fields.remove("api_key");
        fields.put("version", "1");
        fields.put("params", "{ \"seed\":7.5 }");
        fields.put("priority", "9");
        send(CONFIGS + "/" + id, fields).then().statusCode(303);

        stored(id).body("version", equalTo(2)).body("priority", equalTo(9)).body("key_state", equalTo("sealed"));
        String past = with(session).get(CONFIGS + "/" + id).asString();
        assertThat(past).contains("<del>3</del>", "<ins>9</ins>");
        assertThat(past.split("<dt>params</dt>", -1))
                .as("params, which only look different, in the history")
                .hasSizeLessThanOrEqualTo(2);

        fields.put("version", "2");
        fields.put("remove_key", "on");
        send(CONFIGS + "/" + id, fields).then().statusCode(303);
        stored(id).body("key_state", equalTo("none"));
    }

    @Test
    void anEditThatSomebodyWasQuickerThanShowsBothAndStoresNothing() {
        String id = created(filledIn());
        admin().body("{\"priority\":50}")
                .patch("/admin/llm-configs/" + id)
                .then()
                .statusCode(200);
        Map<String, String> mine = filledIn();
        mine.put("version", "1");
        mine.put("priority", "40");
        String html =
                send(CONFIGS + "/" + id, mine).then().statusCode(409).extract().asString();
        assertThat(html).containsPattern("class=\"mine\">40</td><td class=\"theirs\">50<");
        stored(id).body("priority", equalTo(50));

        mine.put("version", "2");
        send(CONFIGS + "/" + id, mine).then().statusCode(303);
        stored(id).body("priority", equalTo(40));
    }

    @Test
    void aConfigIsMadeTheDefaultDisabledAndDeleted() {
        String id = created(filledIn());
        send(CONFIGS + "/" + id + "/inactive", Map.of()).then().statusCode(303);
        stored(id).body("is_active", equalTo(false));
        send(CONFIGS + "/" + id + "/default", Map.of())
                .then()
                .statusCode(409)
                .body(containsString("inactive config can"));
        send(CONFIGS + "/" + id + "/active", Map.of()).then().statusCode(303);
        stored(id).body("is_active", equalTo(true));
        send(CONFIGS + "/" + id + "/delete", Map.of("version", "1")).then().statusCode(412);
        send(CONFIGS + "/" + id + "/delete", Map.of("version", "3")).then().statusCode(303);
        stored(id).statusCode(404);
    }

    @Test
    void aTestSaysWhatCameOfIt() {
        Map<String, String> fields = filledIn();
        fields.put("base_url", "http://169.254.169.254");
        String id = created(fields);
        send(CONFIGS + "/" + id + "/test", Map.of())
                .then()
                .statusCode(200)
                .body(containsString("failed"), containsString("169.254.169.254"));
        send(CONFIGS + "/cfg_no/test", Map.of()).then().body(containsString("There is no such LLM config."));
    }

    @Test
    void theListIsFilteredAndSorted() {
        created(filledIn());
        Map<String, String> fields = filledIn();
        fields.put("name", name + "-b");
        fields.put("priority", "8");
        fields.remove("is_active");
        created(fields);
        String list = with(session)
                .get(CONFIGS + "?q=" + name.toUpperCase(java.util.Locale.ROOT) + "&sort=priority&dir=desc")
                .asString();
        assertThat(list).contains("2 of ", "aria-sort=\"descending\"");
        assertThat(list.indexOf(name + "-b<")).isPositive().isLessThan(list.indexOf(name + "<"));
        assertThat(with(session).get(CONFIGS + "?q=" + name + "&active=false").asString())
                .contains(name + "-b<")
                .doesNotContain(name + "<");
        with(session)
                .get(CONFIGS + "?q=%3Cscript%3Ealert(1)%3C/script%3E&sort=nonsense&page=0")
                .then()
                .statusCode(200)
                .body(containsString("None of them fits"), not(containsString("<script>alert")))
                .header("X-Powered-By", nullValue());
    }
}
