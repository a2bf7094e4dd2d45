package dev.holdfast.memory;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What agents have stored of files. */
@ApplicationScoped
class FileRepository {

    private final Database db;

    FileRepository(Database db) {
        this.db = db;
    }

    private static final Statement STORE = Statement.write("files.store", """
            INSERT INTO memory_files AS m
                (project_id, path, type, cluster, purpose, imports, exports, stored_at, search)
            SELECT $1, f.path, f.type, f.cluster, f.purpose, f.imports, f.exports, clock_timestamp(),
                array_to_tsvector(ARRAY['=' || $1, ':' || f.type, '@' || f.cluster])
                || setweight(to_tsvector('english', translate(f.path, '/_.:-', '     ')), 'A')
                || setweight(to_tsvector('english', f.purpose), 'B')
                || setweight(to_tsvector('simple', translate(array_to_string(f.exports, ' '), '/_.:-', '     ')), 'C')
                || to_tsvector('simple', translate(array_to_string(f.imports, ' '), '/_.:-', '     '))
            FROM (
                SELECT r->>'path' AS path, r->>'type' AS type, r->>'cluster' AS cluster, r->>'purpose' AS purpose,
                    ARRAY(SELECT json_array_elements_text(r->'imports')) AS imports,
                    ARRAY(SELECT json_array_elements_text(r->'exports')) AS exports
                FROM json_array_elements($2::text::json) AS r) f
            ON CONFLICT (project_id, path) DO UPDATE SET
                type = excluded.type, cluster = excluded.cluster, purpose = excluded.purpose,
                imports = excluded.imports, exports = excluded.exports, stored_at = excluded.stored_at,
                search = excluded.search
            """);

    /** Stores files, in place of what was known of them. */
    Uni<@Nullable Void> store(Ticket ticket, List<SourceFile> files) {
        // Everybody takes the rows' locks in one order, so that nobody waits crosswise.
        JsonArray sorted = new JsonArray(files.stream()
                .sorted(Comparator.comparing(SourceFile::path))
                .map(SourceFile::json)
                .toList());
        return db.query(ticket, STORE, Tuple.of(ticket.project(), sorted.encode()), rows -> null);
    }

    private static final String COLUMNS = "path, type, cluster, purpose, imports, exports, stored_at";

    static final Statement LIST = list("");
    static final Statement LIST_BY_TYPE = list("AND type = $4");
    static final Statement LIST_BY_CLUSTER = list("AND cluster = $4");
    static final Statement LIST_BY_BOTH = list("AND cluster = $4 AND type = $5");

    private static Statement list(String filter) {
        return Statement.read("files.list", """
                SELECT %s FROM memory_files WHERE project_id = $1 AND path > $2 %s ORDER BY path LIMIT $3
                """.formatted(COLUMNS, filter));
    }

    /** Files in the order of their paths, one more than {@code limit} where there are that many; null filters are none. */
    Uni<List<JsonObject>> list(
            Ticket ticket, String after, int limit, @Nullable String type, @Nullable String cluster) {
        Tuple params = Tuple.of(ticket.project(), after, limit + 1);
        Statement statement = LIST;
        if (cluster != null) {
            params.addString(cluster);
            statement = LIST_BY_CLUSTER;
        }
        if (type != null) {
            params.addString(type);
            statement = cluster == null ? LIST_BY_TYPE : LIST_BY_BOTH;
        }
        return db.query(ticket, statement, params, rows -> Rows.all(rows, FileRepository::file));
    }

    static final Statement SEARCH = Statement.read("files.search", """
            WITH q AS (
                SELECT websearch_to_tsquery('english', $3) || websearch_to_tsquery('simple', $3) AS words
            )
            SELECT f.*, ts_rank(f.search, q.words) AS rank
            FROM q, LATERAL (
                SELECT * FROM memory_files WHERE search @@ ($2::text::tsquery && q.words) LIMIT 1000) f
            WHERE numnode(q.words) > 0 AND f.project_id = $1
            ORDER BY rank DESC, f.path LIMIT $4
            """);

    /** The best first, one more than {@code limit} where there are that many; null filters are none. */
    Uni<List<JsonObject>> search(
            Ticket ticket, String query, int limit, @Nullable String type, @Nullable String cluster) {
        List<String> within = new ArrayList<>(List.of(Rows.projectQuery(ticket.project())));
        if (type != null) {
            within.add(Rows.term(':', type));
        }
        if (cluster != null) {
            within.add(Rows.term('@', cluster));
        }
        Tuple params = Tuple.of(ticket.project(), String.join(" & ", within), query, limit + 1);
        return db.query(
                ticket, SEARCH, params, rows -> Rows.all(rows, row -> file(row).put("rank", row.getFloat("rank"))));
    }

    private static JsonObject file(Row row) {
        return new JsonObject()
                .put("path", row.getString("path"))
                .put("type", row.getString("type"))
                .put("cluster", row.getString("cluster"))
                .put("purpose", row.getString("purpose"))
                .put("imports", Rows.texts(row, "imports"))
                .put("exports", Rows.texts(row, "exports"))
                .put("stored_at", Rows.seconds(row, "stored_at"));
    }
}
