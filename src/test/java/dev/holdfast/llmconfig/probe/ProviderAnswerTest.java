package dev.holdfast.llmconfig.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderAnswerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}|true|true",
                "{\"models\":[]}|true|true",
                "[]|true|true",
                "{\"object\":\"list\",\"data\":[{\"id\":\"m|true|true",
                "{\"x\":{\"data\":[]},\"data\":[|true|true",
                "{\"x\":{\"data\":[|false|true",
                "{\"object\":\"li|false|true",
                "{|false|true",
                "{}|false|false",
                "{\"data\":\"none\"}|false|false",
                "{\"data\":{\"models\":[]}}|false|false",
                "{\"error\":{\"message\":\"no\"}}|false|false",
                "<!doctype html>|false|false",
                "\"text\"|false|false",
                "data|false|false",
                "''|false|false"
            })
    void aListOfModelsIsToldFromAnythingElse(String body, boolean whole, boolean cut) {
        assertThat(ProviderAnswer.listsModels(bytes(body), false)).isEqualTo(whole);
        assertThat(ProviderAnswer.listsModels(bytes(body), true)).isEqualTo(cut);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"message\":\"No.\",\"type\":\"x\"}}|No.",
                "{\"error\":\"No.\"}|No.",
                "{\"message\":\"No.\"}|No.",
                "{\"detail\":\"No.\"}|No.",
                "{\"error\":{\"message\":{\"deep\":1}},\"message\":\"No.\"}|No.",
                "{\"error\":null}|",
                "{\"other\":\"x\"}|",
                "[1]|",
                "{\"error\":{\"message\":\"cut|",
                "<html>|",
                "''|"
            })
    void theProvidersWordsAreFoundWhereProvidersPutThem(String body, String message) {
        assertThat(ProviderAnswer.message(bytes(body))).isEqualTo(message);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
