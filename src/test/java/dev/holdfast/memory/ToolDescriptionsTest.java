package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code mcp/tools.json} promises what the code holds. */
class ToolDescriptionsTest {

    private static JsonObject tool(String name) throws IOException {
        return ToolServer.descriptions().stream()
                .map(JsonObject.class::cast)
                .filter(tool -> tool.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                Arguments.of("lock_context", "topic", "maxLength", Names.LONGEST_TOPIC),
                Arguments.of("lock_context", "content", "maxLength", NewContext.LONGEST_CONTENT),
                Arguments.of("lock_context", "tags", "maxItems", Names.MOST_TAGS),
                Arguments.of("list_contexts", "tag", "maxLength", Names.LONGEST_TAG),
                Arguments.of("wake_up", "agent", "maxLength", Names.LONGEST_AGENT),
                Arguments.of("sleep", "summary", "maxLength", SessionTools.LONGEST_SUMMARY),
                Arguments.of("search_contexts", "query", "maxLength", Contexts.LONGEST_QUERY),
                Arguments.of("check_contexts", "text", "maxLength", ContextTools.LONGEST_TEXT),
                Arguments.of("explore_context_tree", "depth", "maximum", Names.DEEPEST_TOPIC),
                Arguments.of("store_files", "files", "maxItems", SourceFile.MOST),
                Arguments.of("query_files", "type", "maxLength", SourceFile.LONGEST_TYPE),
                Arguments.of("query_files", "cluster", "maxLength", SourceFile.LONGEST_CLUSTER),
                Arguments.of("query_files", "after", "maxLength", SourceFile.LONGEST_PATH));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void limitsAreThoseOfTheCode(String tool, String argument, String keyword, int limit) throws IOException {
        assertThat(tool(tool)
                        .getJsonObject("inputSchema")
                        .getJsonObject("properties")
                        .getJsonObject(argument)
                        .getInteger(keyword))
                .isEqualTo(limit);
    }

    @Test
    void prioritiesAreThoseOfTheCode() throws IOException {
        List<String> priorities =
                Stream.of(Priority.values()).map(Priority::text).toList();

        for (String tool : List.of("lock_context", "list_contexts")) {
            assertThat(tool(tool)
                            .getJsonObject("inputSchema")
                            .getJsonObject("properties")
                            .getJsonObject("priority")
                            .getJsonArray("enum")
                            .getList())
                    .isEqualTo(priorities);
        }
    }

    @Test
    void everyToolTakesTheArgumentsOfItsSchema() throws IOException {
        List<Tool> tools = Stream.of(
                        new SessionTools(null).all(),
                        new ContextTools(null, null, null).all(),
                        new FileTools(null).all())
                .flatMap(List::stream)
                .toList();

        assertThat(tools).hasSize(ToolServer.descriptions().size());
        for (Tool tool : tools) {
            assertThat(tool(tool.name())
                            .getJsonObject("inputSchema")
                            .getJsonObject("properties")
                            .fieldNames())
                    .as(tool.name())
                    .isEqualTo(tool.arguments());
        }
    }
}
