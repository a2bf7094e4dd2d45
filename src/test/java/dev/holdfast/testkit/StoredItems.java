package dev.holdfast.testkit;

import java.util.List;

/** What PostgreSQL has of a conversation, read behind the service's back. */
public final class StoredItems {

    private StoredItems() {}

    /** The text of each message, in the order of the conversation. */
    public static List<String> texts(TestDatabase database, String conversation) {
        return database.query("""
                        SELECT body -> 'content' -> 0 ->> 'text' AS text FROM items
                        WHERE conversation_id = ? ORDER BY seq
                        """, conversation).stream()
                .map(row -> (String) row.get("text"))
                .toList();
    }
}
