package dev.holdfast.conversation;

import org.jspecify.annotations.Nullable;

/**
 * The part of a statement that appends messages to their sender's conversation, which it makes where there is none: so whoever
 * keeps the messages can mark them as appended in that same statement, and neither happens without the other.
 */
public final class SenderAppend {

    private SenderAppend() {}

    /**
     * Common table expressions, to be put after one named {@code m} with {@code seq, item_ids, item_bodies, settings}: all of
     * its items are appended in the order of {@code seq}. Among them is {@code c} with the {@code id} of the conversation; it
     * is empty if {@code m} is. A statement with them fails with a violation of {@code items_id} if an item's id is taken.
     *
     * @param project an SQL expression, such as {@code $1}, as are the others
     * @param sender the external id
     * @param conversation the id of a conversation that is to be made, see {@link #newConversationId}
     */
    public static String ctes(String project, String sender, String conversation) {
        return """
                part AS (
                    SELECT x.id, x.body, m.settings, row_number() OVER (ORDER BY m.seq, x.n) AS place
                    FROM m, unnest(m.item_ids, m.item_bodies) WITH ORDINALITY AS x (id, body, n)
                ), whole AS (
                    SELECT count(*) AS items, max(octet_length(body)) AS largest FROM part
                ), c AS (
                    INSERT INTO conversations AS v (
                        project_id, id, created_at, metadata, last_seq, largest_item, external_id)
                    SELECT %1$s, %3$s, now(), ('{"external_id":' || to_json(%2$s::text)::text || '}')::json,
                        whole.items, whole.largest, %2$s
                    FROM whole WHERE whole.items > 0
                    ON CONFLICT (project_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
                        last_seq = v.last_seq + excluded.last_seq,
                        largest_item = greatest(v.largest_item, excluded.largest_item)
                    RETURNING v.id, v.last_seq - (SELECT items FROM whole) AS seq
                ), i AS (
                    INSERT INTO items (project_id, conversation_id, seq, id, body, settings)
                    SELECT %1$s, c.id, c.seq + part.place, part.id, part.body::json, part.settings FROM c, part
                )""".formatted(project, sender, conversation);
    }

    /** {@code millis} is the Unix time. */
    public static String newConversationId(long millis) {
        return Ids.newConversationId(millis);
    }

    /** Whether a violated constraint, or null, says that an item's id is taken in the conversation. */
    public static boolean isItemId(@Nullable String constraint) {
        return Appender.ITEM_ID.equals(constraint);
    }
}
