package dev.holdfast.memory;

import dev.holdfast.http.FilterOrder;
import dev.holdfast.http.Intake;
import dev.holdfast.http.RequestTimes;
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
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int INVALID_REQUEST = -32600;
    private static final int METHOD_NOT_FOUND = -32601;
    private static final int INVALID_PARAMS = -32602;
    private static final int PARSE_ERROR = -32700;

    private final Origins origins;
    private final RequestTimes times;

    McpGate(McpConfig config, RequestTimes times) {
        McpConfig.finder(config).refuse();
        this.times = times;
        this.origins = Origins.of(config.allowedOrigins().orElse(""));
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
                    ErrorCode.METHOD_NOT_ALLOWED,
                    "MCP takes POST only: there are no streams and sessions.",
                    null,
                    null);
        }
        times.matched(ctx, "POST", PATH);
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
            json = Json.decodeValue(body == null ? Buffer.buffer() : body);
        } catch (DecodeException e) {
            refuse(ctx, ErrorCode.INVALID_REQUEST.status(), null, PARSE_ERROR, "The message is not valid JSON.");
            return;
        }
        if (json instanceof JsonObject message && McpMessage.isMessage(message)) {
            pass(ctx, message);
            return;
        }
        refuse(
                ctx,
                ErrorCode.INVALID_REQUEST.status(),
                json instanceof JsonObject message ? McpMessage.id(message) : null,
                INVALID_REQUEST,
                "The body must be one message of JSON-RPC 2.0; batches are not taken.");
    }

    private static void pass(RoutingContext ctx, JsonObject message) {
        Object id = McpMessage.id(message);
        if (id == null || !message.containsKey("method")) {
            // Notifications and answers: there is nothing here that they could be about.
            ctx.response().setStatusCode(ACCEPTED).end();
            return;
        }
        String method = message.getString("method");
        if (!McpMessage.isMethod(method)) {
            refuse(ctx, OK, id, METHOD_NOT_FOUND, "This server has no such method; it has tools.");
            return;
        }
        if (!McpMessage.takes(method, message.getValue("params"))) {
            refuse(ctx, OK, id, INVALID_PARAMS, "'params' is not as the method needs it.");
            return;
        }
        answerInTime(ctx);
        if (dropNulls(message)) {
            ((RoutingContextInternal) ctx).setBody(message.toBuffer());
        }
        ctx.next();
    }

    /** Tools have deadlines of their own; this is for what the server itself might fail to answer. */
    private static void answerInTime(RoutingContext ctx) {
        long left = Intake.deadline(ctx).remainingNanos(System.nanoTime());
        long timer = ctx.vertx()
                .setTimer(
                        Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)),
                        late -> ctx.fail(Problem.deadlineExceeded("The request's deadline passed.")));
        ctx.addEndHandler(end -> ctx.vertx().cancelTimer(timer));
    }

    /** Null is as good as nothing for an argument, but the server can't bear it. */
    private static boolean dropNulls(JsonObject message) {
        JsonObject params = message.getJsonObject("params");
        JsonObject arguments = params == null ? null : params.getJsonObject("arguments");
        return arguments != null && arguments.getMap().values().removeIf(Objects::isNull);
    }

    private static void refuse(RoutingContext ctx, int status, @Nullable Object id, int code, String message) {
        JsonObject error = new JsonObject().put("code", code).put("message", message);
        ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject()
                        .put("jsonrpc", "2.0")
                        .put("id", id)
                        .put("error", error)
                        .toBuffer());
    }
}
