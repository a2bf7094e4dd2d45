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
import static org.hamcrest.Matchers.is;

import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DefaultConfigTest {

    @Test
    void theNewDefaultTakesThePlaceOfTheOldOne() {
        String first = newConfig();
        String second = newConfig();

        makeDefault(first).then().statusCode(200).header("ETag", "\"2\"").body("is_default", is(true));
        makeDefault(second).then().statusCode(200).body("is_default", is(true));

        get(first).then().body("is_default", is(false)).header("ETag", "\"3\"");
        assertThat(defaults()).containsExactly(second);
    }

    @Test
    void aConfigMayBeMadeOrChangedToBeTheDefault() {
        String first = newConfig("\"is_default\":true");
        get(first).then().body("is_default", is(true)).body("version", is(1));
        assertThat(defaults()).containsExactly(first);

        String second = newConfig();
        patch(second, "{\"is_default\":true}").then().statusCode(200).body("is_default", is(true));
        assertThat(defaults()).containsExactly(second);

        patch(second, "{\"is_default\":false}").then().statusCode(200);
        assertThat(defaults()).isEmpty();
    }

    @Test
    void whatIsTheDefaultAlreadyStaysAtItsVersion() {
        String id = newConfig();
        makeDefault(id).then().body("version", is(2));

        makeDefault(id).then().statusCode(200).body("version", is(2));

        history(id, "").then().body("data.size()", is(2));
    }

    @Test
    void aDeletedDefaultLeavesNone() {
        String id = newConfig("\"is_default\":true");

        delete(id).then().statusCode(200);

        assertThat(defaults()).isEmpty();
    }

    @Test
    void ofManyAtTheSameTimeExactlyOneIsTheDefaultAndNobodyIsTurnedAway() throws Exception {
        List<String> ids = List.of(newConfig(), newConfig(), newConfig());
        List<Integer> statuses = Parallel.run(
                60,
                i -> i % 5 == 4
                        ? create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"is_default\":true}"
                                        .formatted(newName()))
                                .statusCode()
                        : makeDefault(ids.get(i % 3)).statusCode());

        assertThat(statuses).containsOnly(200);
        assertThat(defaults()).hasSize(1);
        for (String id : ids) {
            int version = get(id).path("version");
            history(id, "?limit=1").then().body("data[0].version", is(version));
        }
    }

    private static List<Object> defaults() {
        return TestDatabase.shared().query("SELECT id FROM llm_configs WHERE is_default").stream()
                .map(row -> row.get("id"))
                .toList();
    }
}
