package dev.holdfast.conversation;

import dev.holdfast.db.DbException;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Appends items: references resolved, ids unique, and done once however often the statement has to be sent. */
@ApplicationScoped
class Appender {

    static final String ITEM_ID = "items_id";

    private final ItemRepository items;

    Appender(ItemRepository items) {
        this.items = items;
    }

    /** Appends all of {@code drafts} or none; the answer is a list of them as they are stored. */
    Uni<Buffer> append(Ticket ticket, String conversation, List<ItemDraft> drafts, @Nullable IdempotencyKey key) {
        return resolved(ticket, drafts).flatMap(resolved -> {
            Buffer answer = Json.appended(resolved);
            String stored = key == null ? null : answer.toString();
            return items.append(ticket, conversation, resolved, key, stored)
                    .onFailure(Appender::idTaken)
                    .recoverWithUni(failure -> doneBefore(ticket, conversation, resolved, (DbException) failure))
                    .map(done -> {
                        if (!done) {
                            throw ConversationResource.unknown(conversation);
                        }
                        return answer;
                    });
        });
    }

    private static boolean idTaken(Throwable failure) {
        return failure instanceof DbException refusal && ITEM_ID.equals(refusal.constraint());
    }

    /** An id that is taken is a conflict, unless it was a lost sending of this very append that took it. */
    private Uni<Boolean> doneBefore(Ticket ticket, String conversation, List<ItemDraft> drafts, DbException failure) {
        Problem conflict = Problem.conflict("An item with one of these ids is already in the conversation.", "items");
        if (!failure.replayed()) {
            return Uni.createFrom().failure(conflict);
        }
        return items.has(ticket, conversation, drafts)
                // A client that were told to try again would append twice.
                .onFailure()
                .transform(failure::unsettled)
                .map(done -> {
                    if (!done) {
                        throw conflict;
                    }
                    return true;
                });
    }

    /** The drafts with each reference replaced by a copy of the item that it names. */
    Uni<List<ItemDraft>> resolved(Ticket ticket, List<ItemDraft> drafts) {
        List<String> named = references(drafts);
        return named.isEmpty()
                ? Uni.createFrom().item(drafts)
                : items.resolve(ticket, named).map(found -> replace(drafts, found));
    }

    private static List<String> references(List<ItemDraft> drafts) {
        List<String> named = new ArrayList<>(0);
        for (ItemDraft draft : drafts) {
            if (draft.isReference()) {
                named.add(draft.id());
            }
        }
        return named;
    }

    private static List<ItemDraft> replace(List<ItemDraft> drafts, Map<String, String> found) {
        List<ItemDraft> resolved = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i++) {
            ItemDraft draft = drafts.get(i);
            String json = draft.isReference() ? found.get(draft.id()) : draft.json();
            if (json == null) {
                throw Problem.invalid(
                        "There is no item '" + Quoted.of(draft.id()) + "' to refer to.", "items[" + i + "].id");
            }
            resolved.add(new ItemDraft(draft.id(), json));
        }
        return resolved;
    }
}
