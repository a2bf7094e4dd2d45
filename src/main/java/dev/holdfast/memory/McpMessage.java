package dev.holdfast.memory;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a message must be so that the MCP server, which trusts its shape, can answer it. */
final class McpMessage {

    private McpMessage() {}

    /** The methods that there are, and what the server takes for granted of their parameters. */
    private static final Map<String, Predicate<JsonObject>> METHODS = Map.of(
            "initialize",
            params -> isText(params, "protocolVersion")
                    && params.getValue("clientInfo") instanceof JsonObject info
                    && isText(info, "name")
                    && isText(info, "version")
                    && isObject(params, "capabilities"),
            "ping",
            params -> true,
            // All tools are on one page: no list has a cursor.
            "tools/list",
            params -> params.getValue("cursor") == null,
            "tools/call",
            params -> isText(params, "name") && isObject(params, "arguments"),
            "logging/setLevel",
            params -> isText(params, "level"));

    static boolean isMethod(String name) {
        return METHODS.containsKey(name);
    }

    /** Whether these can be the parameters of this method; false if there is no such method. */
    static boolean takes(String method, @Nullable Object params) {
        JsonObject object = params == null ? new JsonObject() : params instanceof JsonObject sent ? sent : null;
        Predicate<JsonObject> rule = METHODS.get(method);
        return rule != null && object != null && isObject(object, "_meta") && rule.test(object);
    }

    static boolean isMessage(JsonObject message) {
        boolean answer = message.containsKey("result") || message.containsKey("error");
        boolean named = message.getValue("method") instanceof String;
        boolean identified = id(message) != null || !message.containsKey("id");
        return "2.0".equals(message.getValue("jsonrpc")) && identified && (named || answer);
    }

    /** Null for a notification, and for what can't be an id. */
    static @Nullable Object id(JsonObject message) {
        Object id = message.getValue("id");
        return id instanceof String || id instanceof Number ? id : null;
    }

    private static boolean isText(JsonObject object, String name) {
        return object.getValue(name) instanceof String;
    }

    private static boolean isObject(JsonObject object, String name) {
        Object value = object.getValue(name);
        return value == null || value instanceof JsonObject;
    }
}
