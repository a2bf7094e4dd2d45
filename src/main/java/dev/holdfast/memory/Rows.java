package dev.holdfast.memory;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Columns as JSON values. */
final class Rows {

    private Rows() {}

    static List<JsonObject> all(RowSet<Row> rows, Function<Row, JsonObject> mapper) {
        List<JsonObject> all = new ArrayList<>(rows.size());
        rows.forEach(row -> all.add(mapper.apply(row)));
        return all;
    }

    static JsonArray texts(Row row, String column) {
        return new JsonArray(Arrays.asList(row.getArrayOfStrings(column)));
    }

    /** Unix seconds. */
    static @Nullable Long seconds(Row row, String column) {
        OffsetDateTime at = row.getOffsetDateTime(column);
        return at == null ? null : at.toEpochSecond();
    }

    static String hex(Row row, String column) {
        return HexFormat.of().formatHex(row.getBuffer(column).getBytes());
    }

    /** An array that PostgreSQL has put together. */
    static JsonArray array(Row row, String column) {
        String json = row.getString(column);
        return json == null ? new JsonArray() : new JsonArray(json);
    }

    /** What goes into one tsvector as its project, as a query for it. */
    static String projectQuery(String project) {
        return term('=', project);
    }

    /** A word of a tsvector that no parsed text can have, because it begins with a sign. */
    static String term(char kind, String word) {
        return "'" + kind + word.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
