package dev.holdfast.conversation;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Answers, put together around JSON text that is not touched. Ids need no escaping: their characters are checked. */
final class Json {

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
        return list(rows, ConversationRow::id, Json::append, more);
    }

    static Buffer items(List<ItemRow> rows, boolean more) {
        return list(rows, ItemRow::id, (out, row) -> out.appendString(row.json()), more);
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
    private static <R> Buffer list(List<R> rows, Function<R, String> id, BiConsumer<Buffer, R> append, boolean more) {
        Buffer out = Buffer.buffer(1024).appendString("{\"object\":\"list\",\"data\":[");
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                out.appendString(",");
            }
            append.accept(out, rows.get(i));
        }
        String first = rows.isEmpty() ? "" : id.apply(rows.get(0));
        String last = rows.isEmpty() ? "" : id.apply(rows.get(rows.size() - 1));
        return out.appendString("],\"first_id\":\"")
                .appendString(first)
                .appendString("\",\"last_id\":\"")
                .appendString(last)
                .appendString(more ? "\",\"has_more\":true}" : "\",\"has_more\":false}");
    }
}
