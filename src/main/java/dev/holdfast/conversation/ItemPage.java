package dev.holdfast.conversation;

import io.vertx.core.buffer.Buffer;

/**
 * A part of a conversation's items, as PostgreSQL put it together.
 *
 * @param items the items' JSON in UTF-8, with commas between them; empty where there are none
 * @param first the id of the first item, empty where there is none, as OpenAI's specification wants it
 * @param last the id of the last item, in the same way
 * @param more whether any follow
 */
record ItemPage(Buffer items, String first, String last, boolean more) {

    static final ItemPage EMPTY = new ItemPage(Buffer.buffer(), "", "", false);

    boolean isEmpty() {
        return items.length() == 0;
    }
}
