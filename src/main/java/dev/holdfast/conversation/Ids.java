package dev.holdfast.conversation;

import dev.holdfast.http.SortableId;
import org.jspecify.annotations.Nullable;

/** Ids of conversations and items. */
final class Ids {

    /** The longest id that an item may have, in characters. */
    static final int MAX_ITEM_ID = 128;

    private static final String CONVERSATION = "conv_";

    private Ids() {}

    /** A new id; {@code millis} is the Unix time. */
    static String newConversationId(long millis) {
        return SortableId.next(CONVERSATION, millis);
    }

    /** Whether a conversation can have this id: {@code conv_} and 32 to 48 lower-case hex digits. */
    static boolean isConversationId(@Nullable String id) {
        return SortableId.is(CONVERSATION, id);
    }

    /** Whether an item can have this id: 1 to 128 of {@code A-Z a-z 0-9 _ . : -}. */
    static boolean isItemId(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_ITEM_ID) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            if (!isItemIdCharacter(id.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isItemIdCharacter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '_'
                || c == '.'
                || c == ':'
                || c == '-';
    }
}
