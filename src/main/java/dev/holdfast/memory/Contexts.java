package dev.holdfast.memory;

import dev.holdfast.db.Ticket;
import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be asked of contexts, over MCP and REST alike. */
@ApplicationScoped
class Contexts {

    static final int LONGEST_QUERY = 500;

    private final ContextRepository contexts;
    private final ContextSearch search;

    Contexts(ContextRepository contexts, ContextSearch search) {
        this.contexts = contexts;
        this.search = search;
    }

    /** @throws Problem 404 if there is none */
    Uni<JsonObject> recall(Ticket ticket, String topic, String version, boolean whole) {
        Version one = Version.of(version, Version.LATEST);
        return contexts.get(ticket, Names.topic(topic), one, whole).map(found -> {
            if (found == null) {
                throw unknown(topic, one);
            }
            return found;
        });
    }

    /** @throws Problem 404 if there is none, 409 if one must be checked always and {@code force} is not set */
    Uni<JsonObject> unlock(Ticket ticket, String topic, String version, boolean force, boolean archive) {
        Version one = Version.of(version, Version.ALL);
        return contexts.unlock(ticket, Names.topic(topic), one, force, archive).map(unlocked -> {
            if (unlocked.guarded()) {
                throw Problem.conflict(
                        "'%s' must be checked always; it is unlocked with force only.".formatted(Names.quoted(topic)),
                        "force");
            }
            if (unlocked.seqs().length == 0) {
                throw unknown(topic, one);
            }
            return new JsonObject()
                    .put("object", "context.unlocked")
                    .put("topic", topic)
                    .put(
                            "versions",
                            new JsonArray(Arrays.stream(unlocked.seqs())
                                    .map(Version::text)
                                    .toList()))
                    .put("archived", archive);
        });
    }

    /** One more than {@code limit} where there are that many. */
    Uni<List<JsonObject>> search(Ticket ticket, String query, int limit) {
        return search.search(ticket, words(query, LONGEST_QUERY, "query"), limit);
    }

    /** Text to be looked for. */
    static String words(String text, int longest, String param) {
        if (text.isBlank() || PlainText.length(text) > longest || !PlainText.isStorable(text)) {
            throw Problem.invalid(
                    "'%s' must be 1 to %d characters, not all blank, without U+0000.".formatted(param, longest), param);
        }
        return text;
    }

    private static Problem unknown(String topic, @Nullable Version version) {
        return Problem.notFound("There is no context '%s'%s."
                .formatted(Names.quoted(topic), version == null ? "" : " of version " + version.text()));
    }
}
