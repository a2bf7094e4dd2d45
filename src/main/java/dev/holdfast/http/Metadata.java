package dev.holdfast.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.holdfast.problem.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client notes on a thing of its own: a conversation, or an LLM config.
 *
 * @param pairs at most 16, in the client's order; keys of at most 64 characters, values of at most 512, both counted in
 *     code points and free of U+0000 and lone surrogates; anything else is an {@code invalid_request}
 */
public record Metadata(Map<String, String> pairs) {

    static final int MAX_PAIRS = 16;
    static final int MAX_KEY = 64;
    static final int MAX_VALUE = 512;
    public static final Metadata EMPTY = new Metadata(Map.of());

    private static final String PARAM = "metadata";

    public Metadata {
        if (pairs.size() > MAX_PAIRS) {
            throw Problem.invalid("metadata may have at most " + MAX_PAIRS + " pairs.", PARAM);
        }
        pairs.forEach(Metadata::check);
        pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
    }

    /** The pairs as one JSON object without spaces, fit for {@code json} and {@code jsonb} alike. */
    public String json() {
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        StringBuilder json = new StringBuilder("{");
        pairs.forEach((key, value) -> {
            json.append(json.length() == 1 ? "\"" : ",\"");
            encoder.quoteAsString(key, json);
            json.append("\":\"");
            encoder.quoteAsString(value, json);
            json.append('"');
        });
        return json.append('}').toString();
    }

    /** Reads the metadata at hand: an object of strings, or null for none. */
    public static Metadata read(JsonCursor in) {
        return switch (in.token()) {
            case VALUE_NULL -> EMPTY;
            case START_OBJECT -> new Metadata(readPairs(in));
            default -> throw Problem.invalid("metadata must be an object.", PARAM);
        };
    }

    private static Map<String, String> readPairs(JsonCursor in) {
        Map<String, String> pairs = new LinkedHashMap<>();
        // One pair too many is enough to be refused for: no need to hold a million.
        while (pairs.size() <= MAX_PAIRS && in.nextField()) {
            String key = in.name();
            if (!in.isString()) {
                throw Problem.invalid("Values of metadata must be strings.", PlainText.param(PARAM, key));
            }
            if (pairs.put(key, in.string()) != null) {
                throw Problem.invalid("metadata has a key twice.", PlainText.param(PARAM, key));
            }
        }
        return pairs;
    }

    private static void check(String key, String value) {
        String param = PlainText.param(PARAM, key);
        if (PlainText.length(key) > MAX_KEY) {
            throw Problem.invalid("Keys of metadata may have at most " + MAX_KEY + " characters.", param);
        }
        if (PlainText.length(value) > MAX_VALUE) {
            throw Problem.invalid("Values of metadata may have at most " + MAX_VALUE + " characters.", param);
        }
        if (!PlainText.isStorable(key) || !PlainText.isStorable(value)) {
            throw Problem.invalid("metadata may contain neither U+0000 nor lone surrogates.", param);
        }
    }
}
