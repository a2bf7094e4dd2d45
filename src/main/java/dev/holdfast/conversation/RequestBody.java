package dev.holdfast.conversation;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.Metadata;
import dev.holdfast.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of the requests that write, read strictly and in one pass. Anything wrong is an {@code invalid_request}
 * whose {@code param} names the field; fields that a request doesn't have are passed over, as OpenAI does.
 */
final class RequestBody {

    /** The most items that one request may append. */
    static final int MAX_ITEMS = 20;

    private static final String ITEMS = "items";
    private static final String METADATA = "metadata";

    private final JsonCursor in;
    private final long now;
    private @Nullable List<ItemDraft> items;
    private @Nullable Metadata metadata;

    /**
     * A conversation that is to be created.
     *
     * @param items at most 20, with different ids
     */
    record NewConversation(List<ItemDraft> items, Metadata metadata) {

        NewConversation {
            items = List.copyOf(items);
        }
    }

    private RequestBody(JsonCursor in, long now) {
        this.in = in;
        this.now = now;
    }

    /** {@code {items?, metadata?}}; no body at all is an empty object. {@code now}, in Unix milliseconds, goes into ids. */
    static NewConversation create(byte[] body, long now) {
        if (body == null || body.length == 0) {
            return new NewConversation(List.of(), Metadata.EMPTY);
        }
        RequestBody read = read(body, now, Set.of(ITEMS, METADATA));
        return new NewConversation(
                read.items == null ? List.of() : read.items, read.metadata == null ? Metadata.EMPTY : read.metadata);
    }

    /** {@code {metadata}}; null empties it. */
    static Metadata update(byte[] body) {
        RequestBody read = read(body, 0, Set.of(METADATA));
        if (read.metadata == null) {
            throw Problem.invalid("metadata is required.", METADATA);
        }
        return read.metadata;
    }

    /** {@code {items}}, 1 to 20 of them. {@code now}, in Unix milliseconds, goes into ids. */
    static List<ItemDraft> append(byte[] body, long now) {
        RequestBody read = read(body, now, Set.of(ITEMS));
        if (read.items == null || read.items.isEmpty()) {
            throw Problem.invalid("items is required, with 1 to " + MAX_ITEMS + " items.", ITEMS);
        }
        return List.copyOf(read.items);
    }

    private static RequestBody read(byte[] body, long now, Set<String> fields) {
        if (body == null) {
            throw Problem.invalid("The body is empty.", null);
        }
        try (JsonCursor in = new JsonCursor(body)) {
            RequestBody read = new RequestBody(in, now);
            read.object(fields);
            in.end();
            return read;
        }
    }

    private void object(Set<String> fields) {
        if (in.token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("The body must be a JSON object.", null);
        }
        Set<String> seen = new HashSet<>();
        while (in.nextNewField(seen, null)) {
            String name = in.name();
            if (!fields.contains(name)) {
                in.skip();
            } else if (name.equals(ITEMS)) {
                items = readItems();
            } else {
                metadata = Metadata.read(in);
            }
        }
    }

    private @Nullable List<ItemDraft> readItems() {
        if (in.token() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (in.token() != JsonToken.START_ARRAY) {
            throw Problem.invalid("items must be an array.", ITEMS);
        }
        List<ItemDraft> read = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        while (in.nextElement()) {
            if (read.size() == MAX_ITEMS) {
                throw Problem.invalid("items may have at most " + MAX_ITEMS + " items.", ITEMS);
            }
            String param = ITEMS + "[" + read.size() + "]";
            ItemDraft item = ItemReader.read(in, param, now);
            if (!ids.add(item.id())) {
                throw Problem.invalid("Two items of this request have the same id.", param + ".id");
            }
            read.add(item);
        }
        return read;
    }
}
