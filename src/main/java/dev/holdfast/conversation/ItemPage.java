package dev.holdfast.conversation;

/**
 * A part of a conversation's items, as PostgreSQL put it together.
 *
 * @param items the items' JSON, with commas between them; empty where there are none
 * @param first the id of the first item, empty where there is none, as OpenAI's specification wants it
 * @param last the id of the last item, in the same way
 * @param more whether any follow
 */
record ItemPage(String items, String first, String last, boolean more) {

    static final ItemPage EMPTY = new ItemPage("", "", "", false);

    boolean isEmpty() {
        return items.isEmpty();
    }
}
