package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;

/** The official client, as an agent has it: it holds what tools answer to their schemas by itself. */
final class Agent implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final McpSyncClient client;

    Agent(int port, String key) {
        HttpClientStreamableHttpTransport transport = HttpClientStreamableHttpTransport.builder(
                        "http://localhost:" + port)
                .customizeRequest(request -> request.header("Authorization", "Bearer " + key))
                .build();
        client = McpClient.sync(transport)
                .requestTimeout(PATIENCE)
                .initializationTimeout(PATIENCE)
                .enableCallToolSchemaCaching(true)
                .build();
        client.initialize();
        client.listTools();
    }

    CallToolResult call(String tool, Map<String, Object> arguments) {
        return client.callTool(new CallToolRequest(tool, arguments));
    }

    /** The structured result of a call that succeeds. */
    JsonObject ok(String tool, Map<String, Object> arguments) {
        CallToolResult result = call(tool, arguments);
        JsonObject structured = structured(result);
        assertThat(result.isError()).as("%s: %s", tool, structured).isFalse();
        return structured;
    }

    /** The error of a call that is refused. */
    JsonObject refused(String tool, Map<String, Object> arguments) {
        CallToolResult result = call(tool, arguments);
        JsonObject structured = structured(result);
        assertThat(result.isError()).as("%s: %s", tool, structured).isTrue();
        return structured.getJsonObject("error");
    }

    static String text(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    /** What is structured is in the text too, for clients that know of text alone. */
    private static JsonObject structured(CallToolResult result) {
        @SuppressWarnings("unchecked")
        JsonObject structured = new JsonObject((Map<String, Object>) result.structuredContent());
        assertThat(new JsonObject(text(result))).isEqualTo(structured);
        return new JsonObject(structured.encode());
    }

    @Override
    public void close() {
        client.closeGracefully();
    }
}
