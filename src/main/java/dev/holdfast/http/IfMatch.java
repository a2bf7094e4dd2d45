package dev.holdfast.http;

import dev.holdfast.problem.Problem;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which versions a request may change, and which a client has already (RFC 9110, sections 13.1.1 and 13.1.2). An entity tag is
 * the version in quotes.
 *
 * @param versions null where any will do: without the header, and with {@code *}
 */
public record IfMatch(Long @Nullable [] versions) {

    private static final String IF_MATCH = "If-Match";
    private static final String IF_NONE_MATCH = "If-None-Match";
    private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7e]*)\"");
    private static final Pattern TAGS = Pattern.compile("\\s*" + TAG + "(\\s*,\\s*" + TAG + ")*\\s*");

    public static final IfMatch ANY = new IfMatch(null);

    /** @throws Problem 400 if the header is malformed */
    public static IfMatch of(RoutingContext ctx) {
        List<String> tags = tags(ctx, IF_MATCH);
        if (tags == null || tags.contains("*")) {
            return ANY;
        }
        // What is no version of ours, a weak tag included, matches nothing.
        return new IfMatch(tags.stream()
                .filter(tag -> tag.matches("[0-9]{1,18}"))
                .map(Long::valueOf)
                .toArray(Long[]::new));
    }

    /** This version alone. */
    public static IfMatch version(long version) {
        return new IfMatch(new Long[] {version});
    }

    /** Whether this request has the condition; {@code *} differs from none where there may be nothing yet. */
    public static boolean isOn(RoutingContext ctx) {
        return ctx.request().headers().contains(IF_MATCH);
    }

    public boolean allows(long version) {
        return versions == null || Arrays.asList(versions).contains(version);
    }

    /** Whether the client has this version already, by its {@code If-None-Match}. */
    public static boolean isKnown(RoutingContext ctx, long version) {
        List<String> tags = tags(ctx, IF_NONE_MATCH);
        String tag = Long.toString(version);
        return tags != null && (tags.contains("*") || tags.contains(tag) || tags.contains("W/" + tag));
    }

    public static String tag(long version) {
        return "\"" + version + "\"";
    }

    /** The tags without their quotes; null without the header. */
    private static @Nullable List<String> tags(RoutingContext ctx, String header) {
        List<String> sent = ctx.request().headers().getAll(header);
        if (sent.isEmpty()) {
            return null;
        }
        String all = String.join(",", sent).strip();
        if (all.equals("*")) {
            return List.of("*");
        }
        if (!TAGS.matcher(all).matches()) {
            throw Problem.invalid(header + " must be '*' or a list of entity tags, such as \"3\".", header);
        }
        List<String> tags = new ArrayList<>();
        Matcher matcher = TAG.matcher(all);
        while (matcher.find()) {
            tags.add((matcher.group(1) == null ? "" : "W/") + matcher.group(2));
        }
        return tags;
    }
}
