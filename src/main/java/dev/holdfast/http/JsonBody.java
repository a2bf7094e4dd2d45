package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/**
 * Reads small JSON bodies into records, strictly: unknown and duplicate fields, wrong types and anything after the object are
 * refused. What has to go through unchanged is not read with this.
 */
public final class JsonBody {

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private JsonBody() {}

    /**
     * The body of this request as a {@code type}, which checks its own values.
     *
     * @throws Problem 400 if it is not that
     */
    public static <T> T read(RoutingContext ctx, Class<T> type) throws IOException {
        Buffer body = ctx.body().buffer();
        if (body == null || body.length() == 0) {
            throw Problem.invalid("This request needs a JSON body.", null);
        }
        T value;
        try (JsonParser parser = STRICT.createParser(body.getBytes())) {
            value = STRICT.readValue(parser, type);
        }
        if (value == null) {
            throw Problem.invalid("The JSON body must be an object.", null);
        }
        return value;
    }
}
