package dev.holdfast.memory;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Topics by what they are called, labelled with and about; of each only the latest version. */
@ApplicationScoped
class ContextSearch {

    /** Of so many that match the best are given; ranking costs as much as reading. */
    private static final int MOST_RANKED = 1_000;

    /** Sorts after every topic: no name can have it. */
    private static final String AFTER_ALL = Character.toString(Character.MAX_CODE_POINT);

    private final Database db;

    ContextSearch(Database db) {
        this.db = db;
    }

    static final Statement LIST_ASC = list(">", "ASC");
    static final Statement LIST_DESC = list("<", "DESC");

    // OFFSET 0 keeps the planner from any join but a look-up for each row: it can't know that few rows are wanted.
    private static Statement list(String comparison, String direction) {
        return Statement.read("contexts.list", """
                SELECT t.topic, t.latest_seq, t.versions, t.priority, t.tags, t.preview, t.locked_at
                FROM memory_topic_filters f, LATERAL (
                    SELECT * FROM memory_topics WHERE project_id = $1 AND topic = f.topic OFFSET 0) t
                WHERE f.project_id = $1 AND f.tag = $2 AND f.priority = $3 AND f.topic %s $4
                ORDER BY f.topic %s LIMIT $5
                """.formatted(comparison, direction));
    }

    /**
     * Topics in the order of their names, one more than asked for, where there are that many.
     *
     * @param tag empty for any
     * @param priority empty for any
     */
    Uni<List<JsonObject>> list(Ticket ticket, PageRequest page, String tag, String priority) {
        boolean desc = page.order() == Order.DESC;
        String from = page.after() != null ? page.after() : desc ? AFTER_ALL : "";
        Tuple params = Tuple.of(ticket.project(), tag, priority, from, page.limit() + 1);
        return db.query(ticket, desc ? LIST_DESC : LIST_ASC, params, rows -> Rows.all(rows, ContextSearch::card));
    }

    // Without a word the query would be for the project alone, and find all of it.
    static final Statement SEARCH = Statement.read("contexts.search", """
            WITH q AS (
                SELECT websearch_to_tsquery('english', $3) AS words
            ), m AS (
                SELECT t.topic, ts_rank(t.search, q.words) AS rank
                FROM q, LATERAL (
                    SELECT project_id, topic, search FROM memory_topics
                    WHERE search @@ ($2::text::tsquery && q.words) LIMIT %d) t
                WHERE numnode(q.words) > 0 AND t.project_id = $1
                ORDER BY rank DESC, t.topic LIMIT $4
            )
            SELECT t.topic, t.latest_seq, t.versions, t.priority, t.tags, t.preview, t.locked_at, m.rank,
                ts_headline('english', left(c.content, 16384), q.words,
                    'StartSel=**, StopSel=**, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "') AS snippet
            FROM q, m
                JOIN memory_topics t ON t.project_id = $1 AND t.topic = m.topic
                JOIN memory_contexts c ON c.project_id = $1 AND c.topic = m.topic AND c.seq = t.latest_seq
            ORDER BY m.rank DESC, m.topic
            """.formatted(MOST_RANKED));

    /** The best first, one more than {@code limit} where there are that many. */
    Uni<List<JsonObject>> search(Ticket ticket, String query, int limit) {
        Tuple params = Tuple.of(ticket.project(), Rows.projectQuery(ticket.project()), query, limit + 1);
        return db.query(
                ticket,
                SEARCH,
                params,
                rows -> Rows.all(
                        rows,
                        row -> card(row).put("rank", row.getFloat("rank")).put("snippet", row.getString("snippet"))));
    }

    // Of the text the first 100 different words count; those that make a sentence a rule are in every rule.
    static final Statement CHECK = Statement.read("contexts.check", """
            WITH w AS (
                SELECT string_agg('''' || replace(replace(l.word, '\\', '\\\\'), '''', '''''') || '''', ' | ')::tsquery AS any
                FROM (
                    SELECT word FROM unnest(ts_delete(to_tsvector('english', $3), ARRAY['must', 'alway', 'never', 'requir']))
                        AS v (word, positions, weights)
                    ORDER BY positions[1] LIMIT 100) l
            ), m AS (
                SELECT t.*, ts_rank(t.search, w.any) AS rank
                FROM w, LATERAL (
                    SELECT * FROM memory_topics WHERE search @@ ($2::text::tsquery && w.any) LIMIT %d) t
                WHERE w.any IS NOT NULL AND t.project_id = $1
                ORDER BY t.priority = 'always_check' DESC, rank DESC, t.topic LIMIT $4
            )
            SELECT m.topic, m.latest_seq, m.versions, m.priority, m.tags, m.preview, m.locked_at, m.rank,
                ARRAY(SELECT r FROM w, unnest(m.rules) AS r WHERE to_tsvector('english', r) @@ w.any LIMIT 10) AS broken
            FROM m ORDER BY m.priority = 'always_check' DESC, m.rank DESC, m.topic
            """.formatted(MOST_RANKED));

    /** Contexts that have words of the text, those that must be checked first; each with the rules that share words. */
    Uni<List<JsonObject>> check(Ticket ticket, String text, int limit) {
        Tuple params = Tuple.of(ticket.project(), Rows.projectQuery(ticket.project()), text, limit);
        return db.query(
                ticket,
                CHECK,
                params,
                rows -> Rows.all(
                        rows,
                        row -> card(row).put("rank", row.getFloat("rank")).put("rules", Rows.texts(row, "broken"))));
    }

    static final Statement TREE = Statement.read("contexts.tree", """
            SELECT array_to_string((string_to_array(f.topic, '/'))[1:$2], '/') AS node, count(*) AS topics,
                bool_or(f.topic = array_to_string((string_to_array(f.topic, '/'))[1:$2], '/')) AS is_topic
            FROM (
                SELECT topic FROM memory_topic_filters
                WHERE project_id = $1 AND tag = '' AND priority = '' ORDER BY topic LIMIT %d) f
            GROUP BY 1 ORDER BY 1
            """.formatted(ContextTree.MOST_TOPICS));

    /** The topics, cut to {@code depth} parts and counted. */
    Uni<ContextTree> tree(Ticket ticket, int depth) {
        return db.query(ticket, TREE, Tuple.of(ticket.project(), depth), rows -> {
            ContextTree tree = new ContextTree();
            rows.forEach(row -> tree.add(row.getString("node"), row.getLong("topics"), row.getBoolean("is_topic")));
            return tree;
        });
    }

    /** What lists show of a topic. */
    private static JsonObject card(Row row) {
        return new JsonObject()
                .put("object", "context")
                .put("topic", row.getString("topic"))
                .put("version", Version.text(row.getInteger("latest_seq")))
                .put("versions", row.getInteger("versions"))
                .put("priority", row.getString("priority"))
                .put("tags", Rows.texts(row, "tags"))
                .put("preview", row.getString("preview"))
                .put("locked_at", Rows.seconds(row, "locked_at"));
    }
}
