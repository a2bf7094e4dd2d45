package dev.holdfast.conversation;

/**
 * A conversation as it is stored.
 *
 * @param createdAt Unix seconds
 * @param metadata JSON text of an object
 */
record ConversationRow(String id, long createdAt, String metadata) {}
