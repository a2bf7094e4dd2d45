package dev.holdfast.memory;

import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tools for contexts. */
@ApplicationScoped
class ContextTools {

    static final int LONGEST_TEXT = 8_000;

    private final Contexts contexts;
    private final ContextRepository repository;
    private final ContextSearch search;

    ContextTools(Contexts contexts, ContextRepository repository, ContextSearch search) {
        this.contexts = contexts;
        this.repository = repository;
        this.search = search;
    }

    List<Tool> all() {
        return List.of(
                new Tool("lock_context", NewContext.ARGUMENTS, this::lock),
                new Tool("recall_context", Set.of("topic", "version", "preview_only"), this::recall),
                new Tool("unlock_context", Set.of("topic", "version", "force", "archive"), this::unlock),
                new Tool("list_contexts", Set.of("tag", "priority", "limit", "after"), this::list),
                new Tool("search_contexts", Set.of("query", "limit"), this::search),
                new Tool("check_contexts", Set.of("text", "limit"), this::check),
                new Tool("explore_context_tree", Set.of("depth", "confirm_full"), this::tree));
    }

    private Uni<JsonObject> lock(Tool.Call call) {
        NewContext context = NewContext.of(call.arguments());
        return repository
                .lock(call.ticket(), call.caller().keyId(), context, null)
                .map(JsonObject::new);
    }

    private Uni<JsonObject> recall(Tool.Call call) {
        return contexts.recall(
                call.ticket(),
                call.arguments().text("topic"),
                call.arguments().text("version", Version.LATEST),
                !call.arguments().flag("preview_only", false));
    }

    private Uni<JsonObject> unlock(Tool.Call call) {
        return contexts.unlock(
                call.ticket(),
                call.arguments().text("topic"),
                call.arguments().text("version"),
                call.arguments().flag("force", false),
                call.arguments().flag("archive", true));
    }

    private Uni<JsonObject> list(Tool.Call call) {
        String after = call.arguments().optionalText("after");
        PageRequest page = new PageRequest(
                call.arguments().number("limit", 20, 1, 100), Order.ASC, after == null ? null : Names.topic(after));
        String priority = call.arguments().optionalText("priority");
        String tag = call.arguments().optionalText("tag");
        return search.list(call.ticket(), page, tag(tag), priority(priority)).map(rows -> {
            List<JsonObject> shown = page.cut(rows);
            boolean more = rows.size() > shown.size();
            return new JsonObject()
                    .put("contexts", new JsonArray(shown))
                    .put("has_more", more)
                    .put("next_after", more ? shown.get(shown.size() - 1).getString("topic") : null);
        });
    }

    /** As the list's statement has it. */
    static String tag(@Nullable String tag) {
        return tag == null ? "" : Names.name(tag, Names.LONGEST_TAG, "tag");
    }

    /** As the list's statement has it. */
    static String priority(@Nullable String priority) {
        return priority == null ? "" : Priority.of(priority).text();
    }

    private Uni<JsonObject> search(Tool.Call call) {
        int limit = call.arguments().number("limit", 10, 1, 20);
        return contexts.search(call.ticket(), call.arguments().text("query"), limit)
                .map(found -> new JsonObject()
                        .put("contexts", new JsonArray(found.subList(0, Math.min(limit, found.size()))))
                        .put("has_more", found.size() > limit));
    }

    private Uni<JsonObject> check(Tool.Call call) {
        String text = Contexts.words(call.arguments().text("text"), LONGEST_TEXT, "text");
        int limit = call.arguments().number("limit", 10, 1, 20);
        return search.check(call.ticket(), text, limit).map(ContextTools::checked);
    }

    private static JsonObject checked(List<JsonObject> found) {
        JsonArray rules = new JsonArray();
        for (JsonObject context : found) {
            for (Object rule : (JsonArray) context.remove("rules")) {
                rules.add(new JsonObject()
                        .put("topic", context.getString("topic"))
                        .put("version", context.getString("version"))
                        .put("priority", context.getString("priority"))
                        .put("rule", rule));
            }
        }
        return new JsonObject().put("contexts", new JsonArray(found)).put("rules", rules);
    }

    private Uni<JsonObject> tree(Tool.Call call) {
        boolean confirmed = call.arguments().flag("confirm_full", false);
        int depth = call.arguments().number("depth", 3, 1, Names.DEEPEST_TOPIC);
        return search.tree(call.ticket(), depth).map(tree -> tree.json(confirmed));
    }
}
