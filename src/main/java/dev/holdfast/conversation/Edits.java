package dev.holdfast.conversation;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.conversation.ItemType.Required;
import dev.holdfast.http.JsonCursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Additions to a JSON text that leave every character around them as it was sent. */
final class Edits {

    /**
     * One value in the text.
     *
     * @param from its first character
     * @param to the one after its last
     * @param string what it says, unescaped; null where it isn't a string, or is one that nobody asks for
     */
    record Value(
            JsonToken token, int from, int to, @Nullable String string) {

        /** The value at hand, passed over. */
        static Value read(JsonCursor in) {
            JsonToken token = in.token();
            int from = in.from();
            String string = in.isString() ? in.string() : null;
            in.skip();
            return new Value(token, from, in.to(), string);
        }

        boolean isNull() {
            return token == JsonToken.VALUE_NULL;
        }

        boolean isString() {
            return token == JsonToken.VALUE_STRING;
        }

        boolean isArray() {
            return token == JsonToken.START_ARRAY;
        }
    }

    /** An object in the text, as far as its fields matter. Of a field that is there twice, the last counts. */
    static final class Fields {

        private final Map<String, Value> values = new HashMap<>();
        private final int open;
        private boolean empty = true;

        /** {@code from} is where the object begins. */
        Fields(int from) {
            this.open = from + 1;
        }

        void put(String name, Value value) {
            empty = false;
            values.put(name, value);
        }

        /** Passes over a field that doesn't matter. */
        void skip(JsonCursor in) {
            empty = false;
            in.skip();
        }

        /** The field's value; null where it is missing or null. */
        @Nullable
        Value get(String name) {
            Value value = values.get(name);
            return value == null || value.isNull() ? null : value;
        }
    }

    private record Edit(int from, int to, String text) {}

    private final List<Edit> edits = new ArrayList<>();

    void insert(int at, String text) {
        edits.add(new Edit(at, at, text));
    }

    void addAll(Edits others) {
        edits.addAll(others.edits);
    }

    /** Adds what is missing at the object's beginning, and puts it in the place of nulls that aren't allowed. */
    void complete(Fields object, List<Required> required) {
        StringBuilder missing = null;
        for (Required field : required) {
            Value value = object.values.get(field.name());
            if (value == null) {
                missing = missing == null ? new StringBuilder() : missing.append(',');
                missing.append('"').append(field.name()).append("\":").append(field.json());
            } else if (value.isNull() && !field.mayBeNull()) {
                edits.add(new Edit(value.from(), value.to(), field.json()));
            }
        }
        if (missing != null) {
            insert(
                    object.open,
                    object.empty ? missing.toString() : missing.append(',').toString());
        }
    }

    /** The part of {@code text} between the two positions, edited. */
    String apply(String text, int from, int to) {
        edits.sort(Comparator.comparingInt(Edit::from));
        StringBuilder edited = new StringBuilder(to - from + 32 * edits.size());
        int at = from;
        for (Edit edit : edits) {
            edited.append(text, at, edit.from()).append(edit.text());
            at = edit.to();
        }
        return edited.append(text, at, to).toString();
    }
}
