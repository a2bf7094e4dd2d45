package dev.holdfast.memory;

import io.quarkiverse.mcp.server.AudioContent;
import io.quarkiverse.mcp.server.Content;
import io.quarkiverse.mcp.server.EmbeddedResource;
import io.quarkiverse.mcp.server.ImageContent;
import io.quarkiverse.mcp.server.TextContent;
import io.quarkiverse.mcp.server.TextResourceContents;
import io.quarkiverse.mcp.server.ToolManager;
import io.quarkiverse.mcp.server.ToolManager.ToolArguments;
import io.quarkiverse.mcp.server.ToolResponse;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The tools that the protocol's conformance suite calls by name, beside ours: what they do is what their names say. */
final class ConformanceTools implements AutoCloseable {

    private static final JsonObject NO_ARGUMENTS =
            new JsonObject().put("type", "object").put("properties", new JsonObject());

    /** A picture of one pixel. */
    private static final Content IMAGE = new ImageContent(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
            "image/png");

    /** A sound of no length. */
    private static final Content AUDIO =
            new AudioContent("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=", "audio/wav");

    private static final Content RESOURCE =
            new EmbeddedResource(new TextResourceContents("test://resource", "{\"a\":1}", "application/json"));

    private static final JsonObject SCHEMA_2020_12 = new JsonObject("""
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
             "$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {"city": {"type": "string"}}}},
             "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}, "phone": {"type": "string"}},
             "allOf": [{"anyOf": [{"required": ["name"]}, {"required": ["phone"]}]}],
             "if": {"required": ["name"]}, "then": {"required": ["address"]}, "else": {"required": ["phone"]},
             "additionalProperties": false}
            """);

    private final ToolManager manager;
    private final List<String> names = new ArrayList<>();

    ConformanceTools(ToolManager manager) {
        this.manager = manager;
        add("test_simple_text", call -> content(new TextContent("text")));
        add("test_image_content", call -> content(IMAGE));
        add("test_audio_content", call -> content(AUDIO));
        add("test_embedded_resource", call -> content(RESOURCE));
        add("test_multiple_content_types", call -> content(new TextContent("text"), IMAGE, RESOURCE));
        add("test_error_handling", call -> Uni.createFrom().item(ToolResponse.error("failed on purpose")));
        add("test_tool_with_logging", ConformanceTools::log);
        add("test_tool_with_progress", ConformanceTools::progress);
        add("json_schema_2020_12_tool", SCHEMA_2020_12, call -> content(new TextContent("text")));
    }

    private void add(String name, Function<ToolArguments, Uni<ToolResponse>> tool) {
        add(name, NO_ARGUMENTS, tool);
    }

    private void add(String name, JsonObject schema, Function<ToolArguments, Uni<ToolResponse>> tool) {
        manager.newTool(name)
                .setDescription("For the conformance suite.")
                .setInputSchema(schema)
                .setAsyncHandler(tool)
                .register();
        names.add(name);
    }

    private static Uni<ToolResponse> content(Content... content) {
        return Uni.createFrom().item(new ToolResponse(false, List.of(content)));
    }

    private static Uni<ToolResponse> log(ToolArguments call) {
        for (String step : List.of("started", "working", "ended")) {
            call.log().info(step);
        }
        return content(new TextContent("logged"));
    }

    private static Uni<ToolResponse> progress(ToolArguments call) {
        Uni<Void> sent = Uni.createFrom().voidItem();
        for (long done : new long[] {0, 50, 100}) {
            sent = sent.chain(() -> call.progress()
                    .notificationBuilder()
                    .setProgress(done)
                    .setTotal(100L)
                    .build()
                    .send());
        }
        return sent.chain(() -> content(new TextContent("progressed")));
    }

    @Override
    public void close() {
        names.forEach(manager::removeTool);
    }
}
