package dev.holdfast.conversation;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An item that is to be appended to a conversation.
 *
 * @param id the client's own or ours, made before anything is sent, so that a lost append can be replayed; of a
 *     reference, the id of the item to copy
 * @param json the item as it is stored and sent back; null for a reference
 */
public record ItemDraft(String id, @Nullable String json) {

    public ItemDraft {
        if (!Ids.isItemId(id)) {
            throw new IllegalArgumentException("not an item's id");
        }
    }

    /** Stands for the item of this id, whichever conversation of the project has it. */
    static ItemDraft reference(String id) {
        return new ItemDraft(id, null);
    }

    public boolean isReference() {
        return json == null;
    }

    /** Its JSON; no reference has any before it is resolved. */
    String stored() {
        return Objects.requireNonNull(json, "a reference");
    }
}
