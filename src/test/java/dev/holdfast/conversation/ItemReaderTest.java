package dev.holdfast.conversation;

import static dev.holdfast.conversation.Bodies.NOW_HEX;
import static dev.holdfast.conversation.Bodies.append;
import static dev.holdfast.conversation.Bodies.refused;
import static dev.holdfast.conversation.Bodies.stored;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemReaderTest {

    private static final String FULL_MESSAGE = "{\"id\":\"m\",\"type\":\"message\",\"status\":\"incomplete\",";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"a\",\"type\":\"x\"}",
                "{ \"z\" : 1.0 ,\n\t\"type\":\"x\" ,\"id\" : \"a\", \"b\":[ ] , \"a\" : { } }",
                "{\"id\":\"a\",\"type\":\"x\",\"n\":[1.0,1e400,-0,-0.0,1E+2,12345678901234567890123,0.1000]}",
                "{\"id\":\"a\",\"type\":\"x\",\"s\":\"\\u0000\\/\\ud800\\b\\u00E9\\\\u0000 \u00e9\ud83d\ude00\u2028\u007f\"}",
                "{\"id\":\"a\",\"type\":\"x\",\"\\u0000\":1,\"\":2}",
                "{\"id\":\"a\",\"type\":\"x\",\"in\":{\"k\":1,\"k\":2}}",
                "{\"id\":\"\\u0061\",\"type\":\"\\u0078\",\"content\":\"kept\",\"role\":7,\"status\":null}",
                "{\"id\":\"a\",\"type\":\"x\",\"content\":[{\"type\":\"output_text\"}],\"output\":[{\"type\":\"input_image\"}]}",
                "{\"id\":\"a\",\"type\":\"x\",\"content\":[1,null,[]],\"action\":{}}",
                FULL_MESSAGE + "\"role\":\"user\",\"content\":[]}",
                FULL_MESSAGE + "\"role\":\"tool\",\"content\":[{\"type\":\"new\",\"text\":null}],\"phase\":null}",
                "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[],\"content\":[{\"type\":\"output_text\"}]}"
            })
    void whatLacksNothingIsStoredAsItWasSent(String item) {
        assertThat(stored(item)).isEqualTo(item);
    }

    @Test
    void itemIsCutOutOfItsSurroundings() {
        byte[] body =
                Bodies.bytes("{\"items\": [ {\"type\":\"x\",\"id\":\"\\u0061\"} ,\n{\"id\":\"\u00e9\",\"id2\":1} ] }"
                        .replace("\"id\":\"\u00e9\",\"id2\":1", "\"type\":\"\u00e9\",\"id\":\"b\""));
        assertThat(RequestBody.append(body, Bodies.NOW))
                .containsExactly(
                        new ItemDraft("a", "{\"type\":\"x\",\"id\":\"\\u0061\"}"),
                        new ItemDraft("b", "{\"type\":\"\u00e9\",\"id\":\"b\"}"));
    }

    @Test
    void easyMessageGetsIdTypeAndStatusAndAPart() {
        ItemDraft draft =
                append("{\"role\":\"user\",\"content\":\"a\\u0000\\/b \"}").get(0);
        assertThat(draft.id()).matches("msg_" + NOW_HEX + "[0-9a-f]{28}");
        assertThat(draft.isReference()).isFalse();
        assertThat(draft.json())
                .isEqualTo("{\"id\":\"" + draft.id() + "\",\"type\":\"message\",\"status\":\"completed\","
                        + "\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\\u0000\\/b \"}]}");
    }

    @Test
    void nullIsReplacedWhereItStands() {
        ItemDraft draft = append(
                        "{\"content\":\"\", \"status\" : null ,\"role\":\"system\",\"type\":null,\"id\":null }")
                .get(0);
        assertThat(draft.json())
                .isEqualTo("{\"content\":[{\"type\":\"input_text\",\"text\":\"\"}], \"status\" : \"completed\" ,"
                        + "\"role\":\"system\",\"type\":\"message\",\"id\":\"" + draft.id() + "\" }");
    }

    @Test
    void assistantsStringContentBecomesOutputText() {
        assertThat(stored(FULL_MESSAGE + "\"content\":\"\\ud800\",\"role\":\"\\u0061ssistant\"}"))
                .isEqualTo(FULL_MESSAGE + "\"content\":[{\"type\":\"output_text\",\"text\":\"\\ud800\","
                        + "\"annotations\":[],\"logprobs\":[]}],\"role\":\"\\u0061ssistant\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"output_text\"}|{\"annotations\":[],\"logprobs\":[],\"type\":\"output_text\"}",
                "{\"logprobs\":null,\"type\":\"output_text\"}|{\"annotations\":[],\"logprobs\":[],\"type\":\"output_text\"}",
                "{\"type\":\"output_text\",\"annotations\":[1],\"logprobs\":[2]}|{\"type\":\"output_text\",\"annotations\":[1],\"logprobs\":[2]}",
                "{\"type\":\"output_text\",\"annotations\":[{\"type\":\"output_text\"}],\"logprobs\":[]}|{\"type\":\"output_text\",\"annotations\":[{\"type\":\"output_text\"}],\"logprobs\":[]}",
                "{\"type\":\"input_text\",\"type\":\"output_text\",\"logprobs\":[],\"logprobs\":null,\"annotations\":null,\"annotations\":[]}|{\"type\":\"input_text\",\"type\":\"output_text\",\"logprobs\":[],\"logprobs\":[],\"annotations\":null,\"annotations\":[]}",
                "{\"type\":\"input_image\"}|{\"detail\":\"auto\",\"type\":\"input_image\"}",
                "{\"type\":\"input_image\",\"detail\":null}|{\"type\":\"input_image\",\"detail\":\"auto\"}",
                "{\"type\":\"input_file\"}|{\"type\":\"input_file\"}"
            })
    void contentPartsGetWhatTheirTypeRequires(String part, String expected) {
        String message = FULL_MESSAGE + "\"role\":\"assistant\",\"content\":[ %s , %s ]}";
        assertThat(stored(String.format(message, part, part))).isEqualTo(String.format(message, expected, expected));
    }

    @ParameterizedTest
    @CsvSource({
        "message, msg_",
        "function_call, fc_",
        "function_call_output, fco_",
        "reasoning, rs_",
        "web_search_call, ws_",
        "file_search_call, fs_",
        "computer_call, cu_",
        "mcp_call, mcp_",
        "image_generation_call, ig_",
        "code_interpreter_call, ci_",
        "compaction_trigger, item_",
        "never heard of, item_"
    })
    void madeIdsTellTheType(String type, String prefix) {
        assertThat(append("{\"type\":\"" + type + "\",\"role\":\"user\",\"content\":[]}")
                        .get(0)
                        .id())
                .matches(prefix + NOW_HEX + "[0-9a-f]{28}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "function_call|\"status\":\"completed\",|",
                "function_call_output|\"status\":\"completed\",|",
                "computer_call_output|\"status\":\"completed\",|",
                "tool_search_call|\"call_id\":null,\"execution\":\"server\",\"status\":\"completed\",|",
                "tool_search_output|\"call_id\":null,\"execution\":\"server\",\"status\":\"completed\",|",
                "shell_call|\"status\":\"completed\",\"environment\":null,|",
                "shell_call_output|\"status\":\"completed\",\"max_output_length\":null,|",
                "mcp_call||",
                "never heard of||",
                "shell_call|\"environment\":null,|,\"status\":\"in_progress\"",
                "tool_search_call|\"status\":\"completed\",|,\"call_id\":null,\"execution\":\"client\"",
            })
    void itemsGetWhatTheAnswerRequires(String type, String added, String given) {
        String rest = "\"type\":\"" + type + "\",\"arguments\":\"{}\"" + (given == null ? "" : given) + "}";
        assertThat(stored("{\"id\":null," + rest).replaceFirst("\"id\":\"[^\"]*\"", "\"id\":null"))
                .isEqualTo("{" + (added == null ? "" : added) + "\"id\":null," + rest);
    }

    @Test
    void nullStatusOfACallCountsAsMissing() {
        assertThat(stored("{\"id\":\"a\",\"type\":\"function_call\",\"status\":null}"))
                .isEqualTo("{\"id\":\"a\",\"type\":\"function_call\",\"status\":\"completed\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|{\"timeout_ms\":null,\"max_output_length\":null}",
                "{\"commands\":[]}|{\"timeout_ms\":null,\"max_output_length\":null,\"commands\":[]}",
                "{\"timeout_ms\":1,\"max_output_length\":null}|{\"timeout_ms\":1,\"max_output_length\":null}",
                "7|7",
                "[{}]|[{}]"
            })
    void actionOfAShellCallGetsItsLimits(String action, String expected) {
        String call = "{\"id\":\"a\",\"type\":\"shell_call\",\"status\":\"completed\",\"environment\":null,\"action\":";
        assertThat(stored(call + action + "}")).isEqualTo(call + expected + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"function_call_output", "custom_tool_call_output"})
    void imagesInTheOutputOfToolsGetTheirDetail(String type) {
        String output = "{\"id\":\"a\",\"type\":\"" + type + "\",\"status\":\"completed\",\"output\":[1,{";
        assertThat(stored(output + "\"type\":\"input_image\"}]}"))
                .isEqualTo(output + "\"detail\":\"auto\",\"type\":\"input_image\"}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"item_reference\",\"id\":\"a\"}",
                "{\"id\":\"\\u0061\",\"type\":\"item_reference\",\"other\":{}}",
                "{\"id\":\"a\"}",
                "{\"type\":null,\"id\":\"a\"}"
            })
    void referenceNamesTheItemThatItStandsFor(String item) {
        ItemDraft draft = append(item).get(0);
        assertThat(draft).isEqualTo(ItemDraft.reference("a"));
        assertThat(draft.isReference()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "7|items[1]|An item must be an object.",
                "\"hi\"|items[1]|An item must be an object.",
                "null|items[1]|An item must be an object.",
                "[]|items[1]|An item must be an object.",
                "{}|items[1].type|type is required.",
                "{\"type\":null}|items[1].type|type is required.",
                "{\"id\":\"a\",\"name\":\"x\"}|items[1].type|type is required.",
                "{\"type\":7}|items[1].type|type must be a string that names a type.",
                "{\"type\":\"\"}|items[1].type|type must be a string that names a type.",
                "{\"type\":\"a\\u0000\"}|items[1].type|type must be a string that names a type.",
                "{\"type\":\"\\ud800\"}|items[1].type|type must be a string that names a type.",
                "{\"content\":\"hi\"}|items[1].role|role is required.",
                "{\"id\":\"a\",\"content\":\"hi\"}|items[1].role|role is required.",
                "{\"type\":\"message\",\"content\":\"hi\"}|items[1].role|role is required.",
                "{\"type\":\"message\",\"role\":null,\"content\":\"hi\"}|items[1].role|role is required.",
                "{\"role\":7,\"content\":\"hi\"}|items[1].role|role must be user, assistant, system or developer.",
                "{\"role\":\"robot\",\"content\":\"hi\"}|items[1].role|role must be user, assistant, system or developer.",
                "{\"role\":\"user\"}|items[1].content|content must be a string or an array of parts.",
                "{\"role\":\"user\",\"content\":null}|items[1].content|content must be a string or an array of parts.",
                "{\"role\":\"user\",\"content\":{}}|items[1].content|content must be a string or an array of parts.",
                "{\"role\":\"user\",\"content\":7}|items[1].content|content must be a string or an array of parts.",
                "{\"role\":\"user\",\"content\":[{\"type\":\"x\"},\"hi\",7]}|items[1].content[1]|A part must be an object with a type.",
                "{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}|items[1].content[0]|A part must be an object with a type.",
                "{\"role\":\"user\",\"content\":[{\"type\":7}]}|items[1].content[0]|A part must be an object with a type.",
                "{\"role\":\"user\",\"content\":[[]]}|items[1].content[0]|A part must be an object with a type.",
                "{\"role\":\"user\",\"content\":\"\",\"status\":\"done\"}|items[1].status|status must be in_progress, completed or incomplete.",
                "{\"role\":\"user\",\"content\":\"\",\"status\":7}|items[1].status|status must be in_progress, completed or incomplete.",
                "{\"type\":\"item_reference\"}|items[1].id|id is required.",
                "{\"type\":\"item_reference\",\"id\":null}|items[1].id|id is required.",
                "{\"type\":\"x\",\"a\":1,\"\\u0061\":1}|items[1].a|The body has this field twice.",
                "{\"type\":\"x\",\"type\":\"x\"}|items[1].type|The body has this field twice.",
                "{\"type\":\"x\",\"\\u0000\":1,\"\\u0000\":1}|items[1]|The body has this field twice."
            })
    void whatCannotBeAnItemIsRefusedByName(String item, String param, String message) {
        assertThat(refused(() -> append("{\"type\":\"x\"}", item)))
                .hasMessage(message)
                .hasFieldOrPropertyWithValue("param", param);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"7", "{}", "\"\"", "\"a b\"", "\"\\u0000\"", "\"\\ud800\"", "\"\u00e9\"", "\"a/b\"", "[\"a\"]"})
    void idsThatNoItemCanHaveAreRefused(String id) {
        for (String type : new String[] {"message", "x", "item_reference"}) {
            assertThat(refused(() ->
                            append("{\"role\":\"user\",\"content\":\"\",\"type\":\"" + type + "\",\"id\":" + id + "}")))
                    .hasMessageStartingWith("id must be a string of 1 to 128 characters")
                    .hasFieldOrPropertyWithValue("param", "items[0].id");
        }
    }

    @Test
    void idsAreNoLongerThan128Characters() {
        assertThat(append("{\"type\":\"x\",\"id\":\"" + "a".repeat(128) + "\"}"))
                .hasSize(1);
        assertThat(refused(() -> append("{\"type\":\"x\",\"id\":\"" + "a".repeat(129) + "\"}")))
                .hasFieldOrPropertyWithValue("param", "items[0].id");
    }
}
