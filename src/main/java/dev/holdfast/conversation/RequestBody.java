package dev.holdfast.conversation;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.Metadata;
import dev.holdfast.problem.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of the requests that write, read strictly and in one pass. Anything wrong is an {@code invalid_request}
 * whose {@code param} names the field; fields that a request doesn't have are passed over, as OpenAI does.
 */
final class RequestBody {

    private static final String ITEMS = "items";
    private static final String METADATA = "metadata";
    private static final String EXPIRES_AT = "expires_at";

    /** Digits: up to the year 5138. */
    private static final int LONGEST_SECONDS = 11;

    private final JsonCursor in;
    private final long now;
    private @Nullable List<ItemDraft> items;
    private @Nullable Metadata metadata;
    private boolean changesExpiry;
    private @Nullable Long expiresAt;

    /**
     * A conversation that is to be created.
     *
     * @param items at most 20, with different ids
     * @param expiresAt in Unix seconds; null for never
     */
    record NewConversation(
            List<ItemDraft> items,
            Metadata metadata,
            @Nullable Long expiresAt) {

        NewConversation {
            items = List.copyOf(items);
        }
    }

    /**
     * What is to be changed of a conversation.
     *
     * @param metadata null where it stays
     * @param changesExpiry whether {@code expiresAt} takes the place of what there is
     */
    record Change(
            @Nullable Metadata metadata,
            boolean changesExpiry,
            @Nullable Long expiresAt) {}

    private RequestBody(JsonCursor in, long now) {
        this.in = in;
        this.now = now;
    }

    /** {@code {items?, metadata?, expires_at?}}; no body at all is an empty object. {@code now}, in Unix milliseconds, goes into ids. */
    static NewConversation create(byte[] body, long now) {
        if (body == null || body.length == 0) {
            return new NewConversation(List.of(), Metadata.EMPTY, null);
        }
        RequestBody read = read(body, now, Set.of(ITEMS, METADATA, EXPIRES_AT));
        return new NewConversation(
                read.items == null ? List.of() : read.items,
                read.metadata == null ? Metadata.EMPTY : read.metadata,
                read.expiresAt);
    }

    /** {@code {metadata, expires_at?}}, or the latter alone; null empties the one and takes back the other. */
    static Change update(byte[] body, long now) {
        RequestBody read = read(body, now, Set.of(METADATA, EXPIRES_AT));
        if (read.metadata == null && !read.changesExpiry) {
            throw Problem.invalid("metadata is required.", METADATA);
        }
        return new Change(read.metadata, read.changesExpiry, read.expiresAt);
    }

    /** {@code {items}}, 1 to 20 of them. {@code now}, in Unix milliseconds, goes into ids. */
    static List<ItemDraft> append(byte[] body, long now) {
        RequestBody read = read(body, now, Set.of(ITEMS));
        if (read.items == null || read.items.isEmpty()) {
            throw Problem.invalid("items is required, with 1 to " + ItemList.MOST + " items.", ITEMS);
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
                items = in.token() == JsonToken.VALUE_NULL ? null : ItemList.read(in, now);
            } else if (name.equals(EXPIRES_AT)) {
                changesExpiry = true;
                expiresAt = readExpiry();
            } else {
                metadata = Metadata.read(in);
            }
        }
    }

    /** In whole Unix seconds, in the future; null for never. */
    private @Nullable Long readExpiry() {
        if (in.token() == JsonToken.VALUE_NULL) {
            return null;
        }
        String text = in.token() == JsonToken.VALUE_NUMBER_INT ? in.text().substring(in.from(), in.to()) : "";
        boolean good = !text.isEmpty() && text.length() <= LONGEST_SECONDS;
        if (!good || Long.parseLong(text) <= now / 1000) {
            throw Problem.invalid(
                    "expires_at must be a moment in the future, in whole seconds since 1970, or null.", EXPIRES_AT);
        }
        return Long.valueOf(text);
    }
}
