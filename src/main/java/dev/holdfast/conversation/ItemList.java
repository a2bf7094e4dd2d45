package dev.holdfast.conversation;

import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The {@code items} of a request. */
public final class ItemList {

    /** The most that one request may append. */
    public static final int MOST = 20;

    private static final String ITEMS = "items";

    private ItemList() {}

    /**
     * Reads the array at hand.
     *
     * @param now in Unix milliseconds; it goes into ids
     * @return at most 20, with different ids
     * @throws Problem 400, with the field at fault
     */
    public static List<ItemDraft> read(JsonCursor in, long now) {
        if (in.token() != JsonToken.START_ARRAY) {
            throw Problem.invalid("items must be an array.", ITEMS);
        }
        List<ItemDraft> read = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        while (in.nextElement()) {
            if (read.size() == MOST) {
                throw Problem.invalid("items may have at most " + MOST + " items.", ITEMS);
            }
            String param = ITEMS + "[" + read.size() + "]";
            ItemDraft item = ItemReader.read(in, param, now);
            if (!ids.add(item.id())) {
                throw Problem.invalid("Two items of this request have the same id.", param + ".id");
            }
            read.add(item);
        }
        return List.copyOf(read);
    }
}
