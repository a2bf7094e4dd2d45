package dev.holdfast.conversation;

/**
 * An item as it is stored.
 *
 * @param json the client's own text, with what was added to it when it was appended
 */
record ItemRow(String id, String json) {}
