package dev.holdfast.conversation;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.conversation.Edits.Fields;
import dev.holdfast.conversation.Edits.Value;
import dev.holdfast.conversation.ItemType.Required;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.PlainText;
import dev.holdfast.http.SortableId;
import dev.holdfast.problem.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one item: finds out what it is, refuses what can't be one, and adds what {@link ItemType} requires. The client's
 * own text stays as it is; a message's string content is wrapped where it stands.
 */
final class ItemReader {

    private static final Set<String> ROLES =
            Set.of("user", "assistant", "system", "developer", "tool", "critic", "discriminator", "unknown");
    private static final Set<String> STATUSES = Set.of("in_progress", "completed", "incomplete");
    private static final Set<String> REFERENCE_FIELDS = Set.of("id", "type");

    private final JsonCursor in;
    private final String param;
    private final Fields item;
    private final Set<String> names = new HashSet<>();
    private final Map<String, Nested> nested = new HashMap<>();

    /** What the objects inside a field lack, and the index of the first element that is no content part, or -1. */
    private record Nested(Edits edits, int oddPart) {}

    private ItemReader(JsonCursor in, String param) {
        this.in = in;
        this.param = param;
        this.item = new Fields(in.from());
    }

    /** Reads the value at hand. {@code param} names it in problems; {@code now}, in Unix milliseconds, goes into its id. */
    static ItemDraft read(JsonCursor in, String param, long now) {
        if (in.token() != JsonToken.START_OBJECT) {
            throw Problem.invalid("An item must be an object.", param);
        }
        int from = in.from();
        ItemReader reader = new ItemReader(in, param);
        reader.readFields();
        return reader.draft(from, in.to(), now);
    }

    private void readFields() {
        while (in.nextNewField(names, param)) {
            String name = in.name();
            if (ItemType.FIELDS.contains(name)) {
                item.put(name, ItemType.NESTED.contains(name) ? readNested(name) : Value.read(in));
            } else {
                item.skip(in);
            }
        }
    }

    /** The type may come last, so what it might need is collected before it is known. */
    private Value readNested(String name) {
        int from = in.from();
        JsonToken token = in.token();
        boolean single = name.equals(ItemType.ACTION);
        if (token == JsonToken.START_ARRAY && !single) {
            nested.put(name, readParts(name));
        } else if (token == JsonToken.START_OBJECT && single) {
            Edits edits = new Edits();
            completePart(name, edits);
            nested.put(name, new Nested(edits, -1));
        } else {
            in.skip();
        }
        return new Value(token, from, in.to(), null);
    }

    private Nested readParts(String name) {
        Edits edits = new Edits();
        int odd = -1;
        for (int index = 0; in.nextElement(); index++) {
            if (!completePart(name, edits) && odd < 0) {
                odd = index;
            }
        }
        return new Nested(edits, odd);
    }

    /** Whether the value at hand is a content part: an object whose type is a string. */
    private boolean completePart(String name, Edits edits) {
        if (in.token() != JsonToken.START_OBJECT) {
            in.skip();
            return false;
        }
        Fields part = new Fields(in.from());
        while (in.nextField()) {
            String field = in.name();
            if (ItemType.PART_FIELDS.contains(field)) {
                part.put(field, Value.read(in));
            } else {
                part.skip(in);
            }
        }
        Value type = part.get("type");
        edits.complete(part, ItemType.partRequires(name, type == null ? null : type.string()));
        return type != null && type.string() != null;
    }

    private ItemDraft draft(int from, int to, long now) {
        String type = type();
        Value given = item.get("id");
        String givenId = given == null ? null : given.string();
        if (given != null && !Ids.isItemId(givenId)) {
            throw Problem.invalid(
                    "id must be a string of 1 to " + Ids.MAX_ITEM_ID + " characters of A-Z a-z 0-9 _ . : -",
                    param + ".id");
        }
        if (type.equals(ItemType.REFERENCE)) {
            if (givenId == null) {
                throw Problem.invalid("id is required.", param + ".id");
            }
            return ItemDraft.reference(givenId);
        }
        if (type.equals(ItemType.MESSAGE)) {
            checkMessage();
        }
        ItemType itemType = ItemType.named(type);
        String id = givenId == null ? SortableId.next(itemType.prefix(), now) : givenId;
        return new ItemDraft(id, complete(itemType, type, id).apply(in.text(), from, to));
    }

    private Edits complete(ItemType itemType, String type, String id) {
        Edits edits = new Edits();
        List<Required> required = new ArrayList<>();
        required.add(new Required("id", '"' + id + '"'));
        required.addAll(itemType.requires());
        edits.complete(item, required);
        if (type.equals(ItemType.MESSAGE)) {
            wrapStringContent(edits);
        }
        Nested inside = nested.get(itemType.nested());
        if (inside != null) {
            edits.addAll(inside.edits());
        }
        return edits;
    }

    /** The item's type; where it is left out, a role makes it a message, and an id alone a reference. */
    private String type() {
        Value given = item.get("type");
        if (given != null) {
            String type = given.string();
            if (type == null || type.isEmpty() || !PlainText.isStorable(type)) {
                throw Problem.invalid("type must be a string that names a type.", param + ".type");
            }
            return type;
        }
        if (item.get("role") != null) {
            return ItemType.MESSAGE;
        }
        if (item.get("id") != null && REFERENCE_FIELDS.containsAll(names)) {
            return ItemType.REFERENCE;
        }
        throw item.get(ItemType.CONTENT) == null
                ? Problem.invalid("type is required.", param + ".type")
                : Problem.invalid("role is required.", param + ".role");
    }

    private void checkMessage() {
        Value role = item.get("role");
        if (role == null) {
            throw Problem.invalid("role is required.", param + ".role");
        }
        if (!ROLES.contains(String.valueOf(role.string()))) {
            throw Problem.invalid("role must be user, assistant, system or developer.", param + ".role");
        }
        Value status = item.get("status");
        if (status != null && !STATUSES.contains(String.valueOf(status.string()))) {
            throw Problem.invalid("status must be in_progress, completed or incomplete.", param + ".status");
        }
        Value content = item.get(ItemType.CONTENT);
        if (content == null || !content.isString() && !content.isArray()) {
            throw Problem.invalid("content must be a string or an array of parts.", param + ".content");
        }
        Nested parts = nested.get(ItemType.CONTENT);
        int odd = parts == null ? -1 : parts.oddPart();
        if (odd >= 0) {
            throw Problem.invalid("A part must be an object with a type.", param + ".content[" + odd + "]");
        }
    }

    private void wrapStringContent(Edits edits) {
        Value content = item.get(ItemType.CONTENT);
        Value role = item.get("role");
        if (content != null && content.isString()) {
            boolean output = role != null && "assistant".equals(role.string());
            edits.insert(content.from(), "[{\"type\":\"" + (output ? "output_text" : "input_text") + "\",\"text\":");
            edits.insert(content.to(), output ? ",\"annotations\":[],\"logprobs\":[]}]" : "}]");
        }
    }
}
