package dev.holdfast.conversation;

import org.jspecify.annotations.Nullable;

/**
 * A conversation as it is stored.
 *
 * @param createdAt Unix seconds
 * @param metadata JSON text of an object
 * @param expiresAt Unix seconds; null for never
 */
record ConversationRow(
        String id,
        long createdAt,
        String metadata,
        @Nullable Long expiresAt) {}
