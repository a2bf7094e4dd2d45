package dev.holdfast.inbox;

import dev.holdfast.conversation.ItemDraft;
import dev.holdfast.conversation.ItemList;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.PlainText;
import dev.holdfast.identity.ExternalId;
import dev.holdfast.problem.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message as its sender put it.
 *
 * @param externalId whose conversation it is for
 * @param items 1 to 20, with their ids, which are made here: however often it is sent on, it is the same message
 */
record Message(String externalId, List<ItemDraft> items) {

    private static final String ITEMS = "items";

    Message {
        ExternalId.checked(externalId);
        items = List.copyOf(items);
        if (items.isEmpty()) {
            throw Problem.invalid("items is required, with 1 to " + ItemList.MOST + " items.", ITEMS);
        }
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).isReference()) {
                throw Problem.invalid("A message can't refer to items.", ITEMS + "[" + i + "].type");
            }
        }
    }

    /** Characters of its items. */
    int size() {
        int size = 0;
        for (ItemDraft item : items) {
            size += Objects.requireNonNull(item.json(), "items that refer to others are refused")
                    .length();
        }
        return size;
    }

    /**
     * Reads {@code {external_id, items}}, strictly.
     *
     * @param now in Unix milliseconds; it goes into ids
     * @throws Problem 400, with the field at fault
     */
    static Message read(byte[] body, long now) {
        @Nullable String externalId = null;
        List<ItemDraft> items = List.of();
        try (JsonCursor in = new JsonCursor(body)) {
            Set<String> seen = in.beginObject();
            while (in.nextNewField(seen, null)) {
                switch (in.name()) {
                    case "external_id" -> externalId = in.requiredString("external_id");
                    case ITEMS -> items = ItemList.read(in, now);
                    default ->
                        throw Problem.invalid(
                                "A message has 'external_id' and 'items' only.", PlainText.param(null, in.name()));
                }
            }
            in.end();
        }
        if (externalId == null) {
            throw Problem.invalid("external_id is required.", "external_id");
        }
        return new Message(externalId, items);
    }
}
