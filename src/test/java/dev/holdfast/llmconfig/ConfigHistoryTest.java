package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.delete;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.history;
import static dev.holdfast.llmconfig.Configs.makeDefault;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ConfigHistoryTest {

    @Test
    void everyChangeSaysWhoWhenAndWhat() {
        String name = newName();
        String id = create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"api_key\":\"sk-one-0123456789\"}"
                        .formatted(name))
                .path("id");
        patch(
                id,
                "{\"model\":\"n\",\"params\":{\"a\":1.50},\"limits\":{\"rpm\":9},\"cost\":{\"input_per_mtok\":0.25}}");
        patch(id, "{\"api_key\":\"sk-two-0123456789\"}");
        patch(id, "{\"api_key\":null,\"params\":null}");
        int updatedAt = get(id).path("updated_at");
        delete(id);

        Response all = history(id, "?order=asc");

        all.then()
                .statusCode(200)
                .body("object", is("list"))
                .body("data.id", contains("1", "2", "3", "4", "5"))
                .body("data.version", contains(1, 2, 3, 4, 5))
                .body("data.action", contains("created", "updated", "updated", "updated", "deleted"))
                .body("data[0].object", is("llm_config.change"))
                .body("data[0].config", is(id))
                .body("data[3].at", is(updatedAt))
                .body("data.by.unique()", contains("configured-admin"))
                .body(not(containsString("0123456789")));
        assertThat(changes(all, 0))
                .contains(
                        change("name", null, name), change("provider", null, "openai"), change("is_active", null, true))
                .contains(Map.of("field", "api_key", "change", "set"))
                .noneMatch(change -> change.get("field").equals("base_url"));
        assertThat(changes(all, 1))
                .containsExactly(
                        change("model", "m", "n"),
                        change("params", Map.of(), Map.of("a", 1.5f)),
                        change("limits.rpm", null, 9),
                        change("cost.input_per_mtok", null, 0.25f));
        assertThat(changes(all, 2)).containsExactly(Map.of("field", "api_key", "change", "changed"));
        assertThat(changes(all, 3))
                .containsExactly(
                        Map.of("field", "api_key", "change", "removed"), change("params", Map.of("a", 1.5f), Map.of()));
        assertThat(changes(all, 4))
                .as("what it was")
                .contains(change("name", name, null), change("model", "n", null))
                .noneMatch(change -> change.get("field").equals("api_key"));
    }

    @Test
    void losingTheDefaultIsAChangeOfTheOneThatLosesIt() {
        String first = newConfig();
        String second = newConfig();
        makeDefault(first);
        makeDefault(second);

        assertThat(changes(history(first, ""), 0)).containsExactly(change("is_default", true, false));
        history(first, "").then().body("data[0].by", is("configured-admin")).body("data[0].version", is(3));
        get(first).then().body("version", is(3)).body("is_default", is(false));
    }

    @Test
    void historyIsReadPageByPageUpAndDown() {
        String id = newConfig();
        for (int i = 1; i <= 4; i++) {
            patch(id, "{\"priority\":" + i + "}");
        }

        history(id, "?limit=2")
                .then()
                .body("data.version", contains(5, 4))
                .body("first_id", is("5"))
                .body("last_id", is("4"))
                .body("has_more", is(true));
        history(id, "?limit=2&after=4")
                .then()
                .body("data.version", contains(3, 2))
                .body("has_more", is(true));
        history(id, "?limit=2&after=2").then().body("data.version", contains(1)).body("has_more", is(false));
        history(id, "?limit=3&order=asc&after=2").then().body("data.version", contains(3, 4, 5));
        history(id, "?after=1").then().statusCode(200).body("data.size()", is(0));
    }

    @Test
    void whoChangesAConfigByHandIsInItsHistoryToo() {
        String id = newConfig();
        TestDatabase.shared()
                .execute("UPDATE llm_configs SET model = 'by hand', version = version + 1 WHERE id = ?", id);

        assertThat(changes(history(id, ""), 0)).containsExactly(change("model", "gpt-4o", "by hand"));
        history(id, "")
                .then()
                .body("data[0].by", is(TestDatabase.shared().value(String.class, "SELECT session_user::text")));
    }

    @Test
    void parametersThatPostgresqlCouldNotReadAsTextAreKeptInHistoryToo() {
        String odd = "{\"stop\":\"\\u0000\\ud800\"}";
        String id = newConfig("\"params\":" + odd);
        patch(id, "{\"params\":{}}").then().statusCode(200);

        assertThat(get(id).asString()).contains("\"params\":{}");
        assertThat(history(id, "").asString()).contains(odd);
    }

    @ParameterizedTest
    @ValueSource(strings = {"after=x", "after=-1", "after=1.5", "after=9999999999999999999"})
    void badCursorsAreRefused(String query) {
        history(newConfig(), "?" + query).then().statusCode(400).body("error.param", is("after"));
    }

    @ParameterizedTest
    @CsvSource({"limit=0, limit", "order=up, order"})
    void badQueriesAreRefused(String query, String param) {
        history(newConfig(), "?" + query).then().statusCode(400).body("error.param", is(param));
    }

    private static List<Map<String, Object>> changes(Response history, int index) {
        return history.path("data[" + index + "].changes");
    }

    private static Map<String, Object> change(String field, Object before, Object after) {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("field", field);
        change.put("old", before);
        change.put("new", after);
        return change;
    }
}
