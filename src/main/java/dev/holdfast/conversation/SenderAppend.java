package dev.holdfast.conversation;

import org.jspecify.annotations.Nullable;

/**
 * The part of a statement that appends messages to their sender's conversation, which it makes where there is none: so whoever
 * keeps the messages can mark them as appended in that same statement, and neither happens without the other.
 */
public final class SenderAppend {

    private SenderAppend() {}

    /**
     * Common table expressions, to be put after one named {@code m} with {@code external_id, seq, item_ids, item_bodies,
     * settings}: all of its items are appended, each sender's in the order of {@code seq}. Among them is {@code c} with the
     * {@code id} of each {@code external_id}'s conversation, for those of whom {@code m} has something. A statement with them
     * fails with a violation of {@code items_id} if an item's id is taken.
     *
     * @param project an SQL expression, such as {@code $1}
     * @param senders one for an array of external ids, each once
     * @param conversations one for an array of as many ids of conversations that are to be made, see
     *     {@link #newConversationId}
     */
    public static String ctes(String project, String senders, String conversations) {
        return """
                part AS (
                    SELECT m.external_id, x.id, x.body, m.settings,
                        row_number() OVER (PARTITION BY m.external_id ORDER BY m.seq, x.n) AS place
                    FROM m, unnest(m.item_ids, m.item_bodies) WITH ORDINALITY AS x (id, body, n)
                ), whole AS MATERIALIZED (
                    SELECT external_id, count(*) AS items, max(octet_length(body)) AS largest FROM part GROUP BY external_id
                ), c AS (
                    INSERT INTO conversations AS v (
                        project_id, id, created_at, metadata, last_seq, largest_item, external_id)
                    SELECT %1$s, made.id, now(), ('{"external_id":' || to_json(external_id)::text || '}')::json,
                        whole.items, whole.largest, external_id
                    FROM whole JOIN unnest(%2$s::text[], %3$s::text[]) AS made (external_id, id) USING (external_id)
                    ON CONFLICT (project_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
                        last_seq = v.last_seq + excluded.last_seq,
                        largest_item = greatest(v.largest_item, excluded.largest_item)
                    RETURNING v.id, v.external_id, v.last_seq
                ), i AS (
                    INSERT INTO items (project_id, conversation_id, seq, id, body, settings)
                    SELECT %1$s, c.id, c.last_seq - whole.items + part.place, part.id, part.body::json, part.settings
                    FROM c JOIN whole USING (external_id) JOIN part USING (external_id)
                )""".formatted(project, senders, conversations);
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
