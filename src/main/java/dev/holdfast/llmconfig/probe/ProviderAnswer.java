package dev.holdfast.llmconfig.probe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the bodies that providers send; whatever they are, nothing is thrown. */
final class ProviderAnswer {

    private static final JsonFactory JSON = new JsonFactory();
    private static final ObjectMapper TREES = new ObjectMapper();

    /** Where a list of models has its array: OpenAI and its like, Google and Ollama. */
    private static final Set<String> LISTS = Set.of("data", "models");

    private ProviderAnswer() {}

    /**
     * Whether this is a list of models, or begins like one: a page for browsers at a wrong address says 200 too.
     *
     * @param cut whether more was to come
     */
    static boolean listsModels(byte[] body, boolean cut) {
        JsonToken first = null;
        try (JsonParser parser = JSON.createParser(body)) {
            first = parser.nextToken();
            if (first == JsonToken.START_ARRAY) {
                return true;
            }
            while (first == JsonToken.START_OBJECT && parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean list = LISTS.contains(parser.currentName());
                if (parser.nextToken() == JsonToken.START_ARRAY && list) {
                    return true;
                }
                parser.skipChildren();
            }
            return false;
        } catch (IOException e) {
            return cut && first == JsonToken.START_OBJECT;
        }
    }

    /** What the provider says was wrong, at the places where providers say it; null where it says nothing there. */
    static @Nullable String message(byte[] body) {
        try {
            JsonNode answer = TREES.readTree(body);
            return answer == null
                    ? null
                    : Stream.of(
                                    answer.path("error").path("message"),
                                    answer.path("error"),
                                    answer.path("message"),
                                    answer.path("detail"))
                            .filter(JsonNode::isTextual)
                            .map(JsonNode::asText)
                            .findFirst()
                            .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
