package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.holdfast.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a request's JSON that knows where in the text each value is, so that values can be cut out as they were
 * sent. Whatever isn't strict JSON in strict UTF-8 is an {@code invalid_request} at the latest when {@link #end()} is
 * reached.
 */
public final class JsonCursor implements AutoCloseable {

    /** How deep a body may nest, its own object included; far beyond real use, far below what a stack can bear. */
    public static final int MAX_DEPTH = 500;

    /** The most fields of an object whose names must differ: they are held until its end, at ten times their size. */
    public static final int MAX_FIELDS = 1024;

    // Lengths are bounded by the body's own limit. Clients' names are kept out of the factory's shared table.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final String text;
    private final JsonParser parser;

    /** Stands on the first token of the body. */
    public JsonCursor(byte[] body) {
        text = decode(body);
        try {
            parser = JSON.createParser(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (next() == null) {
            throw Problem.invalid("The body is empty.", null);
        }
    }

    /**
     * What {@link #nextNewField} needs to read the body itself.
     *
     * @throws Problem 400 if the body is no object
     */
    public Set<String> beginObject() {
        if (token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("The body must be a JSON object.", null);
        }
        return new HashSet<>();
    }

    /** The string at hand, unescaped; {@code param} names it where it is anything else. */
    public String requiredString(String param) {
        if (!isString()) {
            throw Problem.invalid("'" + param + "' must be a string.", param);
        }
        return string();
    }

    /** Moves on by one token; null after the last. */
    public @Nullable JsonToken next() {
        return strict(JsonParser::nextToken);
    }

    /** Moves on to the value of the next field of the object at hand; false at the object's end. */
    public boolean nextField() {
        if (next() == JsonToken.END_OBJECT) {
            return false;
        }
        next();
        return true;
    }

    /**
     * {@link #nextField()}, refusing a name that has been {@code seen} in this object: readers differ in which of the two
     * they take. {@code param} names the object; null is the body itself.
     */
    public boolean nextNewField(Set<String> seen, @Nullable String param) {
        if (!nextField()) {
            return false;
        }
        if (!seen.add(name())) {
            throw Problem.invalid("The body has this field twice.", PlainText.param(param, name()));
        }
        if (seen.size() > MAX_FIELDS) {
            throw Problem.invalid("An object may have at most " + MAX_FIELDS + " fields here.", param);
        }
        return true;
    }

    /** Moves on to the next element of the array at hand; false at the array's end. */
    public boolean nextElement() {
        return next() != JsonToken.END_ARRAY;
    }

    /** Passes over the value at hand with all that is in it. */
    public void skip() {
        strict(JsonParser::skipChildren);
    }

    /** Refuses anything after the document. */
    public void end() {
        if (next() != null) {
            throw malformed(parser.currentTokenLocation());
        }
    }

    public JsonToken token() {
        return parser.currentToken();
    }

    public boolean isString() {
        return token() == JsonToken.VALUE_STRING;
    }

    /** The name of the field whose value is at hand, unescaped. */
    public String name() {
        return strict(JsonParser::currentName);
    }

    /** The string at hand, unescaped. */
    public String string() {
        return strict(JsonParser::getText);
    }

    /** Where the token at hand begins. */
    public int from() {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    /** Where the token at hand ends. */
    public int to() {
        strict(parser -> {
            parser.finishToken();
            return null;
        });
        return (int) parser.currentLocation().getCharOffset();
    }

    public String text() {
        return text;
    }

    @Override
    public void close() {
        strict(parser -> {
            parser.close();
            return null;
        });
    }

    /**
     * Text rather than bytes is parsed because Jackson's byte parser guesses UTF-16, skips a byte order mark, and takes
     * surrogates encoded in UTF-8.
     */
    private static String decode(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        // Malformed bytes became U+FFFD; only a text that has one, its own perhaps, is worth decoding twice.
        if (text.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            } catch (CharacterCodingException e) {
                throw Problem.invalid("The body is not valid UTF-8.", null);
            }
        }
        return text;
    }

    private <T extends @Nullable Object> T strict(Step<T> step) {
        try {
            return step.on(parser);
        } catch (StreamConstraintsException e) {
            throw Problem.invalid("The body nests deeper than " + MAX_DEPTH + " levels.", null);
        } catch (JsonProcessingException e) {
            throw malformed(e.getLocation());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Problem malformed(JsonLocation at) {
        return Problem.invalid(
                "The body is not valid JSON at line " + at.getLineNr() + ", column " + at.getColumnNr() + ".", null);
    }

    private interface Step<T extends @Nullable Object> {
        T on(JsonParser parser) throws IOException;
    }
}
