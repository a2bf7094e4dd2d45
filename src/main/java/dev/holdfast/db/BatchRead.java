package dev.holdfast.db;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A read that can be asked for several at once: whoever waits for a connection goes along with another of the same share that
 * gets one. While a few have only just begun, those who come wait for the next to go; see {@link Batches}.
 *
 * @param <Q> what is asked for
 * @param <T> the answer
 */
public interface BatchRead<Q, T extends @Nullable Object> {

    /** The most that are asked for at once. */
    int MOST = 32;

    /** The statement for one. It has at most one row. */
    Statement one();

    /** Of {@link #one}. */
    Tuple params(String project, Q asked);

    /**
     * The statement for several. It has at most one row for each of them, whose last column, a {@code bigint}, says for whom it is,
     * from 1 on.
     */
    Statement several();

    /** Of {@link #several}. */
    Tuple params(String project, List<Q> asked);

    /**
     * Makes the answer of the row of either statement.
     *
     * @param row null where there is none
     */
    T answer(@Nullable Row row);

    /** Whether the row that {@link #several} has is an answer; if not, {@link #one} is asked on the same connection. */
    default boolean isWhole(Row row) {
        return true;
    }
}
