package dev.holdfast.conversation;

import static dev.holdfast.conversation.Bodies.NOW;
import static dev.holdfast.conversation.Bodies.bytes;
import static dev.holdfast.conversation.Bodies.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conversation.RequestBody.NewConversation;
import dev.holdfast.http.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {

    private static final int MAX_BODY = 10 * 1024 * 1024;
    private static final String MESSAGE = "{\"role\":\"user\",\"content\":\"hi\"}";

    @ParameterizedTest
    @NullAndEmptySource
    void createWithoutABodyIsAnEmptyConversation(byte[] body) {
        assertThat(RequestBody.create(body, NOW)).isEqualTo(create("{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"items\":null}", "{\"items\":[],\"metadata\":null}", " \n{\"metadata\":{}}\t\r"})
    void createNeedsNeitherItemsNorMetadata(String body) {
        assertThat(create(body).items()).isEmpty();
        assertThat(create(body).metadata()).isEqualTo(Metadata.EMPTY);
    }

    @Test
    void createTakesBothInEitherOrder() {
        NewConversation created = create("{\"items\":[" + MESSAGE + "],\"metadata\":{\"k\":\"v\"}}");
        assertThat(created.items()).hasSize(1);
        assertThat(created.metadata().pairs()).containsEntry("k", "v");
        assertThat(create("{\"metadata\":{\"k\":\"v\"},\"items\":[" + MESSAGE + "]}")
                        .items())
                .hasSize(1);
    }

    @Test
    void fieldsThatARequestDoesNotHaveAreIgnored() {
        assertThat(create("{\"x\":[{\"a\":[1,{}]}],\"store\":true}").items()).isEmpty();
        assertThat(RequestBody.update(bytes("{\"items\":7,\"metadata\":{}}"), NOW)
                        .metadata())
                .isEqualTo(Metadata.EMPTY);
        assertThat(RequestBody.append(bytes("{\"metadata\":7,\"items\":[" + MESSAGE + "]}"), NOW))
                .hasSize(1);
    }

    @Test
    void updateNeedsMetadata() {
        assertThat(refused(() -> RequestBody.update(bytes("{}"), NOW)))
                .hasMessage("metadata is required.")
                .hasFieldOrPropertyWithValue("param", "metadata");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"items\":null}", "{\"items\":[]}"})
    void appendNeedsAnItem(String body) {
        assertThat(refused(() -> append(body)))
                .hasMessage("items is required, with 1 to 20 items.")
                .hasFieldOrPropertyWithValue("param", "items");
    }

    @ParameterizedTest
    @NullAndEmptySource
    void updateAndAppendNeedABody(byte[] body) {
        assertThat(refused(() -> RequestBody.update(body, NOW))).hasMessage("The body is empty.");
        assertThat(refused(() -> RequestBody.append(body, NOW))).hasMessage("The body is empty.");
    }

    @Test
    void twentyItemsAreTheMost() {
        assertThat(RequestBody.append(bytes(items(20)), NOW)).hasSize(20);
        assertThat(refused(() -> append(items(21))))
                .hasMessage("items may have at most 20 items.")
                .hasFieldOrPropertyWithValue("param", "items");
        assertThat(refused(() -> create(items(21)))).hasFieldOrPropertyWithValue("param", "items");
    }

    @Test
    void itemsKeepTheirOrder() {
        assertThat(Bodies.append("{\"type\":\"x\",\"id\":\"b\"}", "{\"type\":\"x\",\"id\":\"a\"}"))
                .extracting(ItemDraft::id)
                .containsExactly("b", "a");
    }

    @Test
    void sameIdTwiceInOneRequestIsRefused() {
        assertThat(refused(() -> Bodies.append(
                        "{\"type\":\"x\",\"id\":\"a\"}", MESSAGE, "{\"type\":\"item_reference\",\"id\":\"\\u0061\"}")))
                .hasMessage("Two items of this request have the same id.")
                .hasFieldOrPropertyWithValue("param", "items[2].id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "\"x\"", "3", "false"})
    void itemsMustBeAnArray(String items) {
        assertThat(refused(() -> append("{\"items\":" + items + "}")))
                .hasMessage("items must be an array.")
                .hasFieldOrPropertyWithValue("param", "items");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "\"x\"", "1"})
    void bodyMustBeAnObject(String body) {
        assertThat(refused(() -> create(body))).hasMessage("The body must be a JSON object.");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{\"items\":[],\"items\":[]}`,items",
                "`{\"metadata\":{},\"met\\u0061data\":{}}`,metadata",
                "`{\"x\":1,\"x\":1}`,x",
                "`{\"\\ud800\":1,\"\\ud800\":1}`,"
            })
    void sameFieldTwiceIsRefused(String body, String param) {
        assertThat(refused(() -> create(body)))
                .hasMessage("The body has this field twice.")
                .hasFieldOrPropertyWithValue("param", param);
    }

    @Test
    void anObjectHasAtMost1024Fields() {
        assertThat(create(fields(1024)).items()).isEmpty();
        assertThat(refused(() -> create(fields(1025)))).hasMessage("An object may have at most 1024 fields here.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"items\":[}",
                "{\"items\":[]",
                "{\"items\":[],}",
                "{\"items\":[,]}",
                "{items:[]}",
                "{'items':[]}",
                "{\"items\":[]}}",
                "{\"items\":[]} x",
                "{}{}",
                "{} []",
                "{} 1",
                "{\"x\":01}",
                "{\"x\":+1}",
                "{\"x\":1.}",
                "{\"x\":.5}",
                "{\"x\":1e}",
                "{\"x\":NaN}",
                "{\"x\":-Infinity}",
                "{\"x\":tru}",
                "{\"x\":truex}",
                "{\"x\":\"\\x\"}",
                "{\"x\":\"\\u12g4\"}",
                "{\"x\":\"}",
                "{\"x\" 1}",
                "{\"x\":1 /* c */}",
                "{\"x\":1} // c",
                "{\"x\":\u00a01}",
                "\ufeff{}",
                "{}\ufeff",
                "\u0000{}",
                "{}\u0000"
            })
    void whatIsNotJsonIsRefused(String body) {
        assertThat(refused(() -> create(body)).getMessage())
                .startsWith("The body is not valid JSON at line 1, column ");
    }

    @Test
    void whitespaceAloneIsNoBody() {
        assertThat(refused(() -> create(" \n"))).hasMessage("The body is empty.");
    }

    @Test
    void placeOfTheFaultIsInTheMessage() {
        assertThat(refused(() -> create("{\n  \"items\": ?\n}")))
                .hasMessage("The body is not valid JSON at line 2, column 12.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x\":\"a~b\"}",
                "{\"~\":1}",
                "{\"x\":{\"y\":[\"~\"]}}",
                "{\"items\":[{\"type\":\"x\",\"other\":\"~\"}]}",
                "{\"items\":[{\"type\":\"x\",\"deep\":{\"er\":[\"~\"]}}]}",
                "{\"items\":[{\"role\":\"user\",\"content\":\"~\"}]}",
                "{\"items\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"~\"}]}]}",
                "{\"metadata\":{\"k\":\"~\"}}"
            })
    void rawControlCharactersAreRefusedInEveryString(String body) {
        for (char c = 0; c < ' '; c++) {
            String raw = body.replace('~', c);
            assertThat(refused(() -> create(raw)))
                    .as("control character %d", (int) c)
                    .hasMessageStartingWith("The body is not valid JSON");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c0af",
                "c1bf",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "eda0bdedb880",
                "f08080af",
                "f48fbfc0",
                "f4908080",
                "f5808080",
                "f8888080",
                "ff",
                "fe",
                "c3",
                "e282",
                "f09f98"
            })
    void invalidUtf8IsRefusedWhereverItIs(String hex) {
        String bad = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
        for (String body : new String[] {"{\"x\":\"~\"}", "{\"~\":1}", "{\"x\":[\"\u00ef\u00bf\u00bd~\"]}", "{}~"}) {
            byte[] raw = body.replace("~", bad).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(refused(() -> RequestBody.create(raw, NOW))).hasMessage("The body is not valid UTF-8.");
        }
    }

    @Test
    void replacementCharacterOfTheClientsOwnIsNoFault() {
        assertThat(create("{\"metadata\":{\"k\":\"\ufffd\"}}").metadata().pairs())
                .containsValue("\ufffd");
    }

    @Test
    void otherEncodingsAreNotGuessed() {
        assertThat(refused(() -> RequestBody.create("{}".getBytes(StandardCharsets.UTF_16LE), NOW)))
                .hasMessageStartingWith("The body is not valid JSON");
        assertThat(refused(() -> RequestBody.create("{}".getBytes(StandardCharsets.UTF_16), NOW)))
                .hasMessage("The body is not valid UTF-8.");
    }

    @Test
    void fiveHundredLevelsAreTheMost() {
        // The request, its items and the item itself are three of them.
        assertThat(Bodies.append("{\"type\":\"x\",\"deep\":" + nested(497) + "}"))
                .hasSize(1);
        assertThat(refused(() -> Bodies.append("{\"type\":\"x\",\"deep\":" + nested(498) + "}")))
                .hasMessage("The body nests deeper than 500 levels.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "{\"items\":%s", "{\"metadata\":%s", "{\"items\":[{\"type\":\"x\",\"a\":%s"})
    void aHundredThousandLevelsAreRefusedLikeAnyOther(String body) {
        for (String open : new String[] {"[", "{\"a\":", "[{\"content\":"}) {
            assertThat(refused(() -> create(String.format(body, open.repeat(100_000)))))
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @Timeout(20)
    @ValueSource(
            strings = {
                "{\"type\":\"x\"},",
                "{\"type\":\"output_text\",\"text\":\"\"},",
                "{\"type\":\"output_text\",\"text\":\"\",\"annotations\":null,\"a\":1},",
                "{},",
                "[],",
                "\"\\u0041\",",
                "1234567890,",
                "1.5E+5,",
                "{\"\\u00e9\":\"\u20ac\"},"
            })
    void tenMebibytesOfAnythingTakeLinearTime(String part) {
        int count = (MAX_BODY - 200) / bytes(part).length;
        String parts = String.join("", Collections.nCopies(count, part)) + "{\"type\":\"x\"}";
        assertThat(Bodies.append("{\"type\":\"other\",\"x\":[" + parts + "],\"content\":[]}"))
                .hasSize(1);
        boolean typed = part.contains("type");
        String message = "{\"content\":[" + parts + "],\"role\":\"user\"}";
        if (typed) {
            assertThat(Bodies.stored(message)).contains("\"type\":\"x\"");
        } else {
            assertThat(refused(() -> Bodies.append(message)))
                    .hasFieldOrPropertyWithValue("param", "items[0].content[0]");
        }
    }

    @ParameterizedTest
    @Timeout(20)
    @ValueSource(strings = {"1", "a", "\\n", "\\u0000", "\u00e9"})
    void oneTokenMayFillTheBody(String unit) {
        String token = unit.repeat((MAX_BODY - 200) / bytes(unit).length);
        assertThat(Bodies.stored("{\"role\":\"user\",\"content\":\"" + token + "\"}"))
                .contains(token);
        assertThat(Bodies.stored("{\"type\":\"x\",\"" + token + "\":1}")).contains(token);
        if (unit.equals("1")) {
            assertThat(Bodies.stored("{\"type\":\"x\",\"n\":" + token + "}")).contains(token);
        }
    }

    private static NewConversation create(String body) {
        return RequestBody.create(bytes(body), NOW);
    }

    private static void append(String body) {
        RequestBody.append(bytes(body), NOW);
    }

    private static String items(int count) {
        return "{\"items\":[" + String.join(",", Collections.nCopies(count, MESSAGE)) + "]}";
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"" + i + "\":0").collect(Collectors.joining(",", "{", "}"));
    }

    private static String nested(int levels) {
        return "[".repeat(levels) + "]".repeat(levels);
    }
}
