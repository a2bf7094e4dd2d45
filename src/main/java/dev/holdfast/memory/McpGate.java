package dev.holdfast.memory;

import dev.holdfast.http.FilterOrder;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an MCP request must be before the server sees it: one JSON-RPC message, from a page that may ask. Sessions and streams
 * of the transport end here: a session's id is neither given nor heeded, so that any replica answers any request.
 */
@ApplicationScoped
class McpGate {

    static final String PATH = "/mcp";

    /** A content of 100,000 characters, all of them escaped, and what is around it. */
    static final int LARGEST = 1024 * 1024;

    private static final String SESSION = "Mcp-Session-Id";
    private static final int INVALID_REQUEST = -32600;
    private static final int INVALID_PARAMS = -32602;
    private static final int PARSE_ERROR = -32700;

    private final Origins origins;

    McpGate(McpConfig config) {
        McpConfig.finder(config).refuse();
        this.origins = Origins.of(config.allowedOrigins().orElse(List.of()));
    }

    void install(@Observes Filters filters) {
        filters.register(this::checkHead, FilterOrder.AFTER_AUTHENTICATION);
        filters.register(this::checkBody, FilterOrder.AFTER_INTAKE);
    }

    private void checkHead(RoutingContext ctx) {
        String path = ctx.normalizedPath();
        if (!path.equals(PATH) && !path.startsWith(PATH + "/")) {
            ctx.next();
            return;
        }
        if (!origins.allows(ctx.request().getHeader(HttpHeaders.ORIGIN))) {
            throw new Problem(
                    ErrorCode.INSUFFICIENT_PERMISSIONS, "Pages of this origin may not call here.", "Origin", null);
        }
        if (!path.equals(PATH)) {
            throw Problem.notFound("There is nothing at this path; MCP is at " + PATH + ".");
        }
        if (!ctx.request().method().equals(HttpMethod.POST)) {
            ctx.response().putHeader(HttpHeaders.ALLOW, "POST");
            throw new Problem(
                    ErrorCode.METHOD_NOT_ALLOWED, "MCP takes POST only: there are no streams and sessions.", null, null);
        }
        if (!accepts(ctx, "application/json") || !accepts(ctx, "text/event-stream")) {
            throw new Problem(
                    ErrorCode.NOT_ACCEPTABLE,
                    "MCP's clients must accept application/json and text/event-stream.",
                    "Accept",
                    null);
        }
        ctx.request().headers().remove(SESSION);
        ctx.addHeadersEndHandler(end -> ctx.response().headers().remove(SESSION));
        ctx.next();
    }

    private static boolean accepts(RoutingContext ctx, String type) {
        return ctx.request().headers().getAll(HttpHeaders.ACCEPT).stream().anyMatch(accept -> accept.contains(type));
    }

    private void checkBody(RoutingContext ctx) {
        if (!ctx.normalizedPath().equals(PATH)) {
            ctx.next();
            return;
        }
        Buffer body = ctx.body().buffer();
        if (body != null && body.length() > LARGEST) {
            throw Problem.tooLarge(LARGEST);
        }
        Object json;
        try {
            json = body == null ? null : Json.decodeValue(body);
        } catch (DecodeException e) {
            refuse(ctx, null, PARSE_ERROR, "The message is not valid JSON.");
            return;
        }
        if (!(json instanceof JsonObject message)) {
            refuse(ctx, null, INVALID_REQUEST, "A message must be one JSON object; batches are not taken.");
            return;
        }
        Object id = message.getValue("id");
        if (!"2.0".equals(message.getValue("jsonrpc")) || !isMessage(message, id)) {
            refuse(ctx, isId(id) ? id : null, INVALID_REQUEST, "This is no message of JSON-RPC 2.0.");
            return;
        }
        if (!hasParams(message)) {
            refuse(ctx, id, INVALID_PARAMS, "'params' and its 'arguments' must be objects, its 'name' a string.");
            return;
        }
        ((RoutingContextInternal) ctx).setBody(withoutNulls(message, Objects.requireNonNull(body, "body")));
        ctx.next();
    }

    private static boolean isMessage(JsonObject message, @Nullable Object id) {
        boolean answer = message.containsKey("result") || message.containsKey("error");
        boolean named = message.getValue("method") instanceof String;
        return (id == null ? !message.containsKey("id") : isId(id)) && (named || answer);
    }

    private static boolean isId(@Nullable Object id) {
        return id instanceof String || id instanceof Number;
    }

    private static boolean hasParams(JsonObject message) {
        Object params = message.getValue("params");
        if (!(params instanceof JsonObject object)) {
            return params == null && !"tools/call".equals(message.getValue("method"));
        }
        Object arguments = object.getValue("arguments");
        boolean named = object.getValue("name") instanceof String || !"tools/call".equals(message.getValue("method"));
        return named && (arguments == null || arguments instanceof JsonObject);
    }

    /** Null is as good as nothing for an argument, but the server can't bear it. */
    private static Buffer withoutNulls(JsonObject message, Buffer body) {
        JsonObject params = message.getJsonObject("params");
        JsonObject arguments = params == null ? null : params.getJsonObject("arguments");
        if (arguments == null) {
            return body;
        }
        Map<String, Object> map = arguments.getMap();
        return map.values().removeIf(Objects::isNull) ? message.toBuffer() : body;
    }

    private static void refuse(RoutingContext ctx, @Nullable Object id, int code, String message) {
        JsonObject error = new JsonObject().put("code", code).put("message", message);
        ctx.response()
                .setStatusCode(ErrorCode.INVALID_REQUEST.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject()
                        .put("jsonrpc", "2.0")
                        .put("id", id)
                        .put("error", error)
                        .toBuffer());
    }
}
