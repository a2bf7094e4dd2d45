package dev.holdfast.llmconfig;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may stand in a config's {@code params}: anything, but for the few whose ranges are known and for secrets. */
public final class Params {

    /** In bytes of UTF-8, as sent. */
    static final int LONGEST = 64 * 1024;

    private static final String PARAM = "params";
    private static final int LONGEST_NUMBER = 64;

    private record Range(BigDecimal least, BigDecimal most, boolean whole) {

        static Range of(int least, int most) {
            return new Range(BigDecimal.valueOf(least), BigDecimal.valueOf(most), false);
        }

        static Range whole(int least, int most) {
            return new Range(BigDecimal.valueOf(least), BigDecimal.valueOf(most), true);
        }

        boolean has(BigDecimal value) {
            return value.compareTo(least) >= 0
                    && value.compareTo(most) <= 0
                    && (!whole || value.stripTrailingZeros().scale() <= 0);
        }
    }

    private static final Map<String, Range> RANGES = Map.ofEntries(
            Map.entry("temperature", Range.of(0, 2)),
            Map.entry("top_p", Range.of(0, 1)),
            Map.entry("min_p", Range.of(0, 1)),
            Map.entry("top_k", Range.whole(0, Integer.MAX_VALUE)),
            Map.entry("frequency_penalty", Range.of(-2, 2)),
            Map.entry("presence_penalty", Range.of(-2, 2)),
            Map.entry("max_tokens", Range.whole(1, Integer.MAX_VALUE)),
            Map.entry("max_completion_tokens", Range.whole(1, Integer.MAX_VALUE)),
            Map.entry("max_output_tokens", Range.whole(1, Integer.MAX_VALUE)),
            Map.entry("n", Range.whole(1, 128)),
            Map.entry("top_logprobs", Range.whole(0, 20)));

    private static final Map<Provider, Map<String, Range>> OWN_RANGES =
            Map.of(Provider.ANTHROPIC, Map.of("temperature", Range.of(0, 1)));

    /** Without {@code _} and {@code -}, in lower case. */
    private static final Set<String> SECRETS =
            Set.of("apikey", "xapikey", "accesstoken", "authorization", "clientsecret", "password", "secret");

    private Params() {}

    /**
     * Reads the object at hand, and checks it as far as that can be done without knowing the provider.
     *
     * @return its text as it was sent
     */
    static String read(JsonCursor in) {
        if (in.token() == JsonToken.VALUE_NULL) {
            return "{}";
        }
        if (in.token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("'params' must be an object.", PARAM);
        }
        int from = in.from();
        in.skip();
        String json = in.text().substring(from, in.to());
        check(json, null);
        return json;
    }

    /**
     * @param provider null where it is not known yet: then the widest ranges hold
     * @throws Problem 400 that names the parameter
     */
    static void check(String json, @Nullable Provider provider) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        if (text.length > LONGEST) {
            throw Problem.invalid("'params' may have at most " + LONGEST + " bytes.", PARAM);
        }
        try (JsonCursor in = new JsonCursor(text)) {
            Set<String> seen = new HashSet<>();
            while (in.nextNewField(seen, PARAM)) {
                checkField(in, provider);
                in.skip();
            }
        }
    }

    private static void checkField(JsonCursor in, @Nullable Provider provider) {
        String name = in.name();
        if (SECRETS.contains(name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", ""))) {
            throw Problem.invalid(
                    "A secret does not belong into 'params', which everybody who may read configs sees: 'api_key' is the"
                            + " field that gets sealed.",
                    PlainText.param(PARAM, name));
        }
        Range range = range(name, provider);
        if (range == null || in.token() == JsonToken.VALUE_NULL) {
            return;
        }
        if (!in.token().isNumeric() || !range.has(number(in, name))) {
            throw Problem.invalid(
                    "'%s' must be a %snumber from %s to %s%s."
                            .formatted(
                                    name,
                                    range.whole ? "whole " : "",
                                    range.least,
                                    range.most,
                                    provider == null ? "" : " for " + provider.text()),
                    PARAM + "." + name);
        }
    }

    /** What a known parameter may be, in words; empty where anything may. */
    public static String range(Provider provider, String name) {
        Range range = range(name, provider);
        if (range == null) {
            return "";
        }
        boolean open = range.most.intValue() == Integer.MAX_VALUE;
        return (range.whole ? "whole, " : "") + (open ? "from " + range.least : range.least + " to " + range.most);
    }

    private static @Nullable Range range(String name, @Nullable Provider provider) {
        Map<String, Range> own = provider == null ? null : OWN_RANGES.get(provider);
        Range range = own == null ? null : own.get(name);
        return range == null ? RANGES.get(name) : range;
    }

    private static BigDecimal number(JsonCursor in, String name) {
        return ConfigBody.number(in, PARAM + "." + name, LONGEST_NUMBER);
    }
}
