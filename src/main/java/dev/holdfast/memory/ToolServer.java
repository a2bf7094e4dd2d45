package dev.holdfast.memory;

import dev.holdfast.db.Deadline;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.HeldBytes;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Answer;
import dev.holdfast.problem.ProblemMapper;
import io.quarkiverse.mcp.server.TextContent;
import io.quarkiverse.mcp.server.ToolManager;
import io.quarkiverse.mcp.server.ToolManager.ToolAnnotations;
import io.quarkiverse.mcp.server.ToolManager.ToolArguments;
import io.quarkiverse.mcp.server.ToolResponse;
import io.quarkiverse.mcp.server.TransportHint;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** Offers the tools, and runs each call within its deadline; failures become the contract's errors, and all are logged. */
@ApplicationScoped
class ToolServer {

    static final String DESCRIPTIONS = "mcp/tools.json";

    private static final Logger LOG = Logger.getLogger(ToolServer.class);

    private final CurrentVertxRequest current;
    private final McpConfig config;
    private final Map<String, Tool> tools;

    ToolServer(
            CurrentVertxRequest current,
            McpConfig config,
            SessionTools sessions,
            ContextTools contexts,
            FileTools files) {
        McpConfig.finder(config).refuse();
        this.current = current;
        this.config = config;
        this.tools = Stream.of(sessions.all(), contexts.all(), files.all())
                .flatMap(List::stream)
                .collect(Collectors.toMap(Tool::name, Function.identity()));
    }

    void register(@Observes StartupEvent event, ToolManager manager) throws IOException {
        for (Object described : descriptions()) {
            JsonObject description = (JsonObject) described;
            String name = description.getString("name");
            Tool tool = Objects.requireNonNull(tools.get(name), name);
            JsonObject hints = description.getJsonObject("annotations");
            boolean readOnly = hints.getBoolean("readOnlyHint");
            manager.newTool(name)
                    .setTitle(description.getString("title"))
                    .setDescription(description.getString("description"))
                    .setInputSchema(description.getJsonObject("inputSchema"))
                    .setOutputSchema(description.getJsonObject("outputSchema"))
                    .setAnnotations(new ToolAnnotations(
                            description.getString("title"),
                            readOnly,
                            hints.getBoolean("destructiveHint"),
                            hints.getBoolean("idempotentHint"),
                            hints.getBoolean("openWorldHint")))
                    .addHint(TransportHint.STREAMABLE_HTTP_SKIP_SSE_INIT)
                    .setAsyncHandler(arguments -> run(tool, readOnly, arguments))
                    .register();
        }
    }

    static JsonArray descriptions() throws IOException {
        try (InputStream in = ToolServer.class.getClassLoader().getResourceAsStream(DESCRIPTIONS)) {
            return new JsonArray(
                    Buffer.buffer(Objects.requireNonNull(in, DESCRIPTIONS).readAllBytes()));
        }
    }

    private Uni<ToolResponse> run(Tool tool, boolean readOnly, ToolArguments sent) {
        long startedAt = System.nanoTime();
        RoutingContext ctx = current.getCurrent();
        Caller caller = Caller.of(ctx);
        return Uni.createFrom()
                .deferred(() -> tool.action().run(call(tool, caller, sent)))
                .map(result -> answer(ctx, readOnly, result))
                .invoke(answer -> log(tool, caller, startedAt, "ok"))
                .onFailure()
                .recoverWithItem(failure -> refusal(tool, caller, startedAt, failure));
    }

    private Tool.Call call(Tool tool, Caller caller, ToolArguments sent) {
        Deadline soonest = Deadline.in(config.toolTimeout());
        long now = System.nanoTime();
        boolean sooner = caller.deadline().remainingNanos(now) < soonest.remainingNanos(now);
        Ticket ticket = new Ticket(caller.project(), caller.share(), sooner ? caller.deadline() : soonest);
        return new Tool.Call(caller, ticket, new Arguments(sent.args(), tool.arguments()));
    }

    private static ToolResponse answer(RoutingContext ctx, boolean readOnly, JsonObject result) {
        String text = result.encode();
        Buffer bytes = Buffer.buffer(text);
        if (readOnly) {
            HeldBytes.answer(ctx, bytes);
        } else {
            HeldBytes.written(ctx, bytes);
        }
        return new ToolResponse(false, List.of(new TextContent(text)), result, null);
    }

    /** The body that the API would answer with; and whether the same call may succeed later, which is safe for all tools. */
    private static ToolResponse refusal(Tool tool, Caller caller, long startedAt, Throwable failure) {
        Answer answer = ProblemMapper.map(failure, 0, caller.requestId(), true);
        JsonObject body = new JsonObject(Buffer.buffer(answer.body()));
        JsonObject error = body.getJsonObject("error");
        String wait = answer.headers().get("Retry-After");
        error.put("retryable", answer.status() == 429 || answer.status() >= 503);
        error.put("retry_after_seconds", wait == null ? null : Integer.valueOf(wait));
        log(tool, caller, startedAt, error.getString("code"));
        return new ToolResponse(true, List.of(new TextContent(body.encode())), body, null);
    }

    private static void log(Tool tool, Caller caller, long startedAt, String outcome) {
        // Calls run on contexts of their own, which don't have the request's log context.
        MDC.put("requestId", caller.requestId());
        LOG.infof(
                "tool=%s latency_ms=%d outcome=%s",
                tool.name(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt), outcome);
    }
}
