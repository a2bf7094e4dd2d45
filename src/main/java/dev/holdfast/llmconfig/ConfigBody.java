package dev.holdfast.llmconfig;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.Metadata;
import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a client wants a config to be, strictly and in one pass; whatever is wrong is refused by its field's name. */
public final class ConfigBody {

    /** In bytes; what is larger can't be valid. */
    static final int LARGEST = 256 * 1024;

    private static final int LONGEST_NUMBER = 32;
    private static final int PRICE_SCALE = 8;
    private static final BigDecimal HIGHEST_PRICE = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal HIGHEST_LIMIT = BigDecimal.valueOf(1_000_000_000_000L);
    private static final BigDecimal HIGHEST_PRIORITY = BigDecimal.valueOf(1_000_000);

    private final JsonCursor in;
    private final ConfigChange.Builder change = new ConfigChange.Builder();

    private ConfigBody(JsonCursor in) {
        this.in = in;
    }

    /** @throws Problem 400, or 413 for a body of more than 256 KiB */
    static ConfigChange read(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        if (body != null && body.length() > LARGEST) {
            throw Problem.tooLarge(LARGEST);
        }
        return read(body == null ? new byte[0] : body.getBytes());
    }

    public static ConfigChange read(byte[] body) {
        try (JsonCursor in = new JsonCursor(body)) {
            return new ConfigBody(in).read();
        }
    }

    private ConfigChange read() {
        if (in.token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("The body must be a JSON object.", null);
        }
        Set<String> seen = new HashSet<>();
        while (in.nextNewField(seen, null)) {
            readField(in.name());
        }
        in.end();
        return change.build();
    }

    private void readField(String field) {
        switch (field) {
            case "name" -> change.set(field, ConfigText.name(string(field)));
            case "provider" -> change.set(field, ConfigText.provider(string(field)));
            case "model" -> change.set(field, ConfigText.model(string(field)));
            case "base_url" -> change.set(field, isNull() ? null : ConfigText.baseUrl(string(field)));
            case "api_key" -> change.key(isNull() ? null : ConfigText.apiKey(string(field)));
            case "params" -> change.set(field, Params.read(in));
            case "is_active", "is_default" -> change.set(field, bool(field));
            case "priority" ->
                change.set(
                        field,
                        whole(field, HIGHEST_PRIORITY.negate(), HIGHEST_PRIORITY)
                                .intValue());
            case "limits" -> readParts(field, "rpm", "tpm", this::limit);
            case "cost" -> readParts(field, "input_per_mtok", "output_per_mtok", this::price);
            case "metadata" -> change.set(field, Metadata.read(in).json());
            default -> throw Problem.invalid("A config has no such field.", PlainText.param(null, field));
        }
    }

    private interface Part {
        @Nullable
        Object read(String field);
    }

    /** Null clears both parts; a part that is absent stays as it is. */
    private void readParts(String field, String first, String second, Part part) {
        if (isNull()) {
            change.set(field + "." + first, null);
            change.set(field + "." + second, null);
            return;
        }
        if (in.token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("'" + field + "' must be an object.", field);
        }
        Set<String> seen = new HashSet<>();
        while (in.nextNewField(seen, field)) {
            String name = in.name();
            if (!name.equals(first) && !name.equals(second)) {
                throw Problem.invalid(
                        "'%s' has '%s' and '%s' only.".formatted(field, first, second), PlainText.param(field, name));
            }
            change.set(field + "." + name, part.read(field + "." + name));
        }
    }

    private @Nullable Object limit(String field) {
        return isNull()
                ? null
                : (Object) whole(field, BigDecimal.ONE, HIGHEST_LIMIT).longValue();
    }

    private @Nullable Object price(String field) {
        if (isNull()) {
            return null;
        }
        BigDecimal price = in.token().isNumeric() ? number(in, field, LONGEST_NUMBER) : BigDecimal.ONE.negate();
        boolean good = price.signum() >= 0
                && price.compareTo(HIGHEST_PRICE) <= 0
                && price.stripTrailingZeros().scale() <= PRICE_SCALE;
        if (!good) {
            throw Problem.invalid(
                    "'%s' must be a number from 0 to %s with at most %d decimals."
                            .formatted(field, HIGHEST_PRICE, PRICE_SCALE),
                    field);
        }
        BigDecimal plain = price.stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    private BigDecimal whole(String field, BigDecimal least, BigDecimal most) {
        if (in.token().isNumeric()) {
            BigDecimal value = number(in, field, LONGEST_NUMBER);
            if (value.compareTo(least) >= 0
                    && value.compareTo(most) <= 0
                    && value.stripTrailingZeros().scale() <= 0) {
                return value;
            }
        }
        throw Problem.invalid("'%s' must be a whole number from %s to %s.".formatted(field, least, most), field);
    }

    /** The number at hand; one that is written at great length is refused, because exact arithmetic has its price. */
    static BigDecimal number(JsonCursor in, String param, int longest) {
        int from = in.from();
        int to = in.to();
        if (to - from > longest) {
            throw Problem.invalid("'" + param + "' may be written with at most " + longest + " characters.", param);
        }
        return new BigDecimal(in.text().substring(from, to));
    }

    private String string(String field) {
        if (!in.isString()) {
            throw Problem.invalid("'" + field + "' must be a string.", field);
        }
        return in.string();
    }

    private boolean bool(String field) {
        if (!in.token().isBoolean()) {
            throw Problem.invalid("'" + field + "' must be true or false.", field);
        }
        return in.token() == JsonToken.VALUE_TRUE;
    }

    private boolean isNull() {
        return in.token() == JsonToken.VALUE_NULL;
    }
}
