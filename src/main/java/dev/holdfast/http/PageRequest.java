package dev.holdfast.http;

import dev.holdfast.problem.Problem;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param limit 1 to 100 entries
 * @param after the id of the last entry already seen, or null for the first page; non-empty, unchecked otherwise
 */
public record PageRequest(int limit, Order order, @Nullable String after) {

    /** The direction in which a list is read. */
    public enum Order {
        ASC,
        DESC
    }

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final int DEFAULT = 20;
    /** The longest page, in entries. */
    public static final int MOST = 100;

    public PageRequest {
        if (limit < 1 || limit > MOST) {
            throw badLimit();
        }
    }

    /** As {@link #of(MultiMap, int)}, with a {@code limit} of 20 where none is given. */
    public static PageRequest of(MultiMap query) {
        return of(query, DEFAULT);
    }

    /**
     * Reads {@code limit}, {@code order} (desc) and {@code after}; other parameters are left alone.
     *
     * @param query as from {@code RoutingContext.queryParams()}
     * @param limit where none is given
     * @throws Problem 400 if one of them is bad or comes twice
     */
    public static PageRequest of(MultiMap query, int limit) {
        String given = single(query, "limit");
        return new PageRequest(
                given == null ? limit : limit(given), order(single(query, "order")), after(single(query, "after")));
    }

    /** The rows of this page, of rows that were read with a limit of one more. */
    public <T> List<T> cut(List<T> rows) {
        return rows.size() > limit ? rows.subList(0, limit) : rows;
    }

    private static @Nullable String single(MultiMap query, String name) {
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid("'" + name + "' must be given once.", name);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private static int limit(String value) {
        if (!NUMBER.matcher(value).matches()) {
            throw badLimit();
        }
        return Integer.parseInt(value);
    }

    private static Order order(@Nullable String value) {
        if (value == null || value.equals("desc")) {
            return Order.DESC;
        }
        if (value.equals("asc")) {
            return Order.ASC;
        }
        throw Problem.invalid("'order' must be 'asc' or 'desc'.", "order");
    }

    private static @Nullable String after(@Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw Problem.invalid("'after' must be the id of an entry.", "after");
        }
        return value;
    }

    private static Problem badLimit() {
        return Problem.invalid("'limit' must be a whole number from 1 to 100.", "limit");
    }
}
