package dev.holdfast.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One page of a list, in the shape that all lists have. */
@JsonPropertyOrder({"object", "data", "first_id", "last_id", "has_more"})
public record Page<T>(
        List<T> data,
        @JsonProperty("first_id") @Nullable String firstId,
        @JsonProperty("last_id") @Nullable String lastId,
        @JsonProperty("has_more") boolean hasMore) {

    public Page {
        data = List.copyOf(data);
    }

    /** The page of {@code rows} that were read with a limit of one more than was asked for. */
    public static <T> Page<T> of(List<T> rows, PageRequest request, Function<T, String> id) {
        boolean more = rows.size() > request.limit();
        List<T> data = request.cut(rows);
        return data.isEmpty()
                ? new Page<>(data, null, null, false)
                : new Page<>(data, id.apply(data.get(0)), id.apply(data.get(data.size() - 1)), more);
    }

    @JsonProperty("object")
    public String object() {
        return "list";
    }
}
