/**
 * The Conversations API as OpenAI specifies it: conversations, their metadata and their items, kept as clients sent them. It
 * is not a log of calls to models, and it never reads what an item says.
 *
 * <p>Decision: an item is stored as the text that was sent ({@code json}, not {@code jsonb}), with what OpenAI's
 * specification requires spliced in before storing, so that reading is copying. Its place in the conversation is a number
 * taken under the lock of the conversation's row: appends to one conversation go one after the other, and numbers become
 * visible in their order. Conversation ids begin with the time of their making, and lists of conversations are ordered by
 * id. Deleting a conversation removes its row; its items are purged afterwards in small batches, and everything that reads
 * items asks for the conversation's row.
 */
@NullMarked
package dev.holdfast.conversation;

import org.jspecify.annotations.NullMarked;
