package dev.holdfast.memory;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tools for files. */
@ApplicationScoped
class FileTools {

    private final FileRepository files;

    FileTools(FileRepository files) {
        this.files = files;
    }

    List<Tool> all() {
        return List.of(
                new Tool("store_files", Set.of("files"), this::store),
                new Tool("query_files", Set.of("query", "type", "cluster", "limit", "after"), this::query));
    }

    private Uni<JsonObject> store(Tool.Call call) {
        List<SourceFile> asked = SourceFile.of(call.arguments());
        return files.store(call.ticket(), asked).replaceWith(() -> new JsonObject().put("stored", asked.size()));
    }

    private Uni<JsonObject> query(Tool.Call call) {
        Arguments arguments = call.arguments();
        String query = arguments.optionalText("query");
        String after = arguments.optionalText("after");
        String type = name(arguments, "type", SourceFile.LONGEST_TYPE);
        String cluster = name(arguments, "cluster", SourceFile.LONGEST_CLUSTER);
        int limit = arguments.number("limit", 20, 1, 100);
        if (query == null) {
            String from = after == null ? "" : Names.name(after, SourceFile.LONGEST_PATH, "after");
            return files.list(call.ticket(), from, limit, type, cluster).map(found -> page(found, limit, true));
        }
        if (after != null) {
            throw arguments.bad("after", "goes with a list only, not with 'query'");
        }
        String words = Contexts.words(query, Contexts.LONGEST_QUERY, "query");
        return files.search(call.ticket(), words, limit, type, cluster).map(found -> page(found, limit, false));
    }

    private static @Nullable String name(Arguments arguments, String name, int longest) {
        String value = arguments.optionalText(name);
        return value == null ? null : Names.name(value, longest, name);
    }

    private static JsonObject page(List<JsonObject> found, int limit, boolean pages) {
        boolean more = found.size() > limit;
        List<JsonObject> shown = found.subList(0, Math.min(limit, found.size()));
        return new JsonObject()
                .put("files", new JsonArray(shown))
                .put("has_more", more)
                .put("next_after", more && pages ? shown.get(limit - 1).getString("path") : null);
    }
}
