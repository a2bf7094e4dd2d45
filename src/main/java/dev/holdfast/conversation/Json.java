package dev.holdfast.conversation;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Answers, put together around JSON text that is not touched. Ids need no escaping: their characters are checked. */
final class Json {

    private static final String LIST = "{\"object\":\"list\",\"data\":[";

    private Json() {}

    static Buffer conversation(ConversationRow row) {
        Buffer out = Buffer.buffer(192);
        append(out, row);
        return out;
    }

    static Buffer item(ItemRow row) {
        return Buffer.buffer(row.json());
    }

    static Buffer deleted(String id) {
        return Buffer.buffer("{\"id\":\"" + id + "\",\"object\":\"conversation.deleted\",\"deleted\":true}");
    }

    static Buffer conversations(List<ConversationRow> rows, boolean more) {
        Buffer out = Buffer.buffer(1024).appendString(LIST);
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                out.appendString(",");
            }
            append(out, rows.get(i));
        }
        String first = rows.isEmpty() ? "" : rows.get(0).id();
        String last = rows.isEmpty() ? "" : rows.get(rows.size() - 1).id();
        return end(out, first, last, more);
    }

    static Buffer items(ItemPage page) {
        Buffer out =
                Buffer.buffer(page.items().length() + 160).appendString(LIST).appendBuffer(page.items());
        return end(out, page.first(), page.last(), page.more());
    }

    /** The answer to an append: what was appended, as it is stored. */
    static Buffer appended(List<ItemDraft> items) {
        Buffer out = Buffer.buffer(1024).appendString(LIST);
        for (int i = 0; i < items.size(); i++) {
            out.appendString(i > 0 ? "," : "").appendString(items.get(i).stored());
        }
        return end(out, items.get(0).id(), items.get(items.size() - 1).id(), false);
    }

    private static void append(Buffer out, ConversationRow row) {
        out.appendString("{\"id\":\"")
                .appendString(row.id())
                .appendString("\",\"object\":\"conversation\",\"created_at\":")
                .appendString(Long.toString(row.createdAt()))
                .appendString(",\"metadata\":")
                .appendString(row.metadata());
        // OpenAI's have no such field: it is there only where a client has set it.
        if (row.expiresAt() != null) {
            out.appendString(",\"expires_at\":").appendString(row.expiresAt().toString());
        }
        out.appendString("}");
    }

    /** An empty list's ids are empty strings: OpenAI's specification wants strings, and its clients check. */
    private static Buffer end(Buffer out, String first, String last, boolean more) {
        return out.appendString("],\"first_id\":\"")
                .appendString(first)
                .appendString("\",\"last_id\":\"")
                .appendString(last)
                .appendString(more ? "\",\"has_more\":true}" : "\",\"has_more\":false}");
    }
}
