package dev.holdfast.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Valid requests, damaged at random: each is refused as a {@link Problem}, or stored with the values that were sent. */
class RequestBodyFuzzTest {

    private static final int ROUNDS = 60_000;

    private static final Set<String> ADDED = Set.of(
            "id",
            "type",
            "status",
            "annotations",
            "logprobs",
            "detail",
            "call_id",
            "execution",
            "environment",
            "timeout_ms",
            "max_output_length");

    private static final List<String> VALID = List.of(
            "{\"items\":[{\"role\":\"user\",\"content\":\"hi \u00e9 \ud83d\ude00 \\u0000\"}]}",
            "{\"items\":[{\"content\":\"hi\",\"role\":\"assistant\",\"type\":\"message\",\"id\":null}],\"x\":[1,{}]}",
            "{\"items\":[{\"id\":\"a\",\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"output_text\","
                    + "\"text\":\"t\",\"logprobs\":null},{\"type\":\"input_image\",\"file_id\":null}]},{\"id\":\"b\"}]}",
            "{ \"metadata\":{\"k\":\"v\"},\n\"items\":[{\"type\":\"shell_call\",\"action\":{\"commands\":[\"ls\"]}},"
                    + "{\"type\":\"x\",\"n\":[1.0,-1e400,12345678901234567890123],\"s\":\"\\ud800\\/\"} ] }",
            "{\"items\":[{\"type\":\"function_call_output\",\"output\":[{\"type\":\"input_image\",\"detail\":null}],"
                    + "\"status\":null},{\"type\":\"tool_search_call\",\"call_id\":null,\"arguments\":{}}]}");

    private static final List<String> SNIPPETS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "null",
            "true",
            "0",
            "-",
            "1e9",
            "\"id\":",
            "\"type\":",
            "\"role\":",
            "\"content\":",
            "{}",
            "[]",
            "\"\"",
            "\\u0000",
            "\\ud800",
            "\u00e9",
            " ",
            "\n",
            "\u0001",
            "\"message\"",
            "{\"type\":\"output_text\"}",
            "\"item_reference\"",
            "\"a\":1,");

    private static final JsonFactory JSON = new JsonFactory();

    /** A number, true, false or null, as it was written. */
    private record Literal(String text) {}

    private static final Literal NULL = new Literal("null");

    @Test
    void damagedRequestsAreRefusedOrStoredWithTheirValues() {
        Random random = new Random(20_260_101);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = damage(VALID.get(random.nextInt(VALID.size())), random);
            List<ItemDraft> items = appendOrNull(body);
            if (items != null) {
                accepted++;
                assertSameValues(body, items);
            }
        }
        // Else the damage is such that nothing is compared.
        assertThat(accepted).isGreaterThan(ROUNDS / 20);
    }

    @Test
    void everyTruncationIsRefused() {
        for (String valid : VALID) {
            byte[] body = Bodies.bytes(valid);
            for (int length = 0; length < body.length; length++) {
                byte[] head = Arrays.copyOf(body, length);
                assertThatThrownBy(() -> RequestBody.append(head, Bodies.NOW)).isInstanceOf(Problem.class);
            }
        }
    }

    private static List<ItemDraft> appendOrNull(byte[] body) {
        try {
            return RequestBody.append(body, Bodies.NOW);
        } catch (Problem expected) {
            return null;
        } catch (RuntimeException e) {
            throw new AssertionError(new String(body, StandardCharsets.UTF_8), e);
        }
    }

    private static void assertSameValues(byte[] body, List<ItemDraft> items) {
        String sent = new String(body, StandardCharsets.UTF_8);
        List<?> sentItems = (List<?>) ((Map<?, ?>) parse(sent)).get("items");
        assertThat(items).as(sent).hasSize(sentItems.size());
        for (int i = 0; i < items.size(); i++) {
            ItemDraft item = items.get(i);
            Map<?, ?> sentItem = (Map<?, ?>) sentItems.get(i);
            if (item.isReference()) {
                assertThat(item.id()).as(sent).isEqualTo(sentItem.get("id"));
            } else {
                Map<?, ?> stored = (Map<?, ?>) parse(item.json());
                assertThat(stored.get("id")).as(sent).isEqualTo(item.id());
                assertThat(differences(sentItem, stored))
                        .as("%s%n%s", sent, stored)
                        .isEmpty();
            }
        }
    }

    private static Object parse(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            Object value = value(parser);
            assertThat(parser.nextToken()).isNull();
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    /** Numbers stay text: an exponent of twenty digits is JSON, but no BigDecimal. */
    private static Object value(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT:
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser));
                }
                return object;
            case START_ARRAY:
                List<Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                return array;
            case VALUE_STRING:
                return parser.getText();
            default:
                return new Literal(parser.getText());
        }
    }

    /** Where {@code stored} says anything but what was sent, additions aside. */
    private static List<String> differences(Object sent, Object stored) {
        List<String> found = new ArrayList<>();
        if (sent instanceof Map<?, ?> sentObject && stored instanceof Map<?, ?> storedObject) {
            sentObject.forEach((name, value) -> found.addAll(fieldDifferences(name, value, storedObject.get(name))));
            storedObject.keySet().stream()
                    .filter(name -> !sentObject.containsKey(name) && !ADDED.contains(name))
                    .forEach(name -> found.add("added " + name));
        } else if (sent instanceof List<?> sentArray
                && stored instanceof List<?> storedArray
                && sentArray.size() == storedArray.size()) {
            for (int i = 0; i < sentArray.size(); i++) {
                found.addAll(differences(sentArray.get(i), storedArray.get(i)));
            }
        } else if (!sent.equals(stored)) {
            found.add(sent + " became " + stored);
        }
        return found;
    }

    private static List<String> fieldDifferences(Object name, Object sent, Object stored) {
        if (sent.equals(NULL) && stored != null && ADDED.contains(name)) {
            return List.of();
        }
        if (name.equals("content") && sent instanceof String && stored instanceof List<?> parts) {
            return differences(sent, ((Map<?, ?>) parts.get(0)).get("text"));
        }
        return differences(sent, stored);
    }

    private static byte[] damage(String valid, Random random) {
        StringBuilder text = new StringBuilder(valid);
        for (int times = random.nextInt(3); times >= 0; times--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
                case 2 -> text.replace(at, end, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
                default -> text.insert(random.nextInt(text.length() + 1), text.substring(at, end));
            }
        }
        byte[] body = Bodies.bytes(text.toString());
        if (body.length > 0 && random.nextInt(4) == 0) {
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
        return body;
    }
}
