package dev.holdfast.memory;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a message must be so that the MCP server, which trusts its shape, can answer it. */
final class McpMessage {

    private McpMessage() {}

    /** The methods that there are. */
    enum Method {
        INITIALIZE(
                "initialize",
                params -> isText(params, "protocolVersion")
                        && params.getValue("clientInfo") instanceof JsonObject info
                        && isText(info, "name")
                        && isText(info, "version")
                        && isObject(params, "capabilities")),
        PING("ping", params -> true),
        TOOLS_LIST("tools/list", params -> params.getValue("cursor") == null),
        TOOLS_CALL("tools/call", params -> isText(params, "name") && isObject(params, "arguments")),
        LOGGING_SET_LEVEL("logging/setLevel", params -> isText(params, "level"));

        private final String method;
        private final Predicate<JsonObject> params;

        Method(String method, Predicate<JsonObject> params) {
            this.method = method;
            this.params = params;
        }

        static @Nullable Method of(String name) {
            return Arrays.stream(values())
                    .filter(method -> method.method.equals(name))
                    .findFirst()
                    .orElse(null);
        }

        /** All tools are on one page, so no list has a cursor. */
        boolean takes(@Nullable Object sent) {
            if (sent == null) {
                return params.test(new JsonObject());
            }
            return sent instanceof JsonObject object && isObject(object, "_meta") && params.test(object);
        }
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
