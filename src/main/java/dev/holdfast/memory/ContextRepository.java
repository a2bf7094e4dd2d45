package dev.holdfast.memory;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Contexts one by one; every answer is the JSON that clients get. */
@ApplicationScoped
class ContextRepository {

    private final Database db;

    ContextRepository(Database db) {
        this.db = db;
    }

    // Written by PostgreSQL, because the answer that a repeated request gets has to be stored by this same statement.
    private static final Statement LOCK = Statement.write("contexts.lock", """
            WITH l AS MATERIALIZED (
                SELECT * FROM lock_memory_context($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp())
            ), a AS (
                SELECT json_build_object(
                    'object', 'context', 'topic', $2::text, 'version', '1.' || l.seq, 'latest_version', '1.' || l.seq,
                    'versions', l.versions, 'priority', l.priority, 'tags', l.tags, 'preview', l.preview,
                    'key_concepts', l.concepts, 'content_hash', 'sha256:' || encode($4, 'hex'),
                    'locked_at', floor(extract(epoch FROM l.locked_at))::bigint, 'locked_by', l.locked_by,
                    'archived_at', null, 'created', l.created)::text AS answer
                FROM l
            ), k AS (
                INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
                SELECT $1, $11, $12, a.answer FROM a WHERE $11::text IS NOT NULL
            )
            SELECT answer FROM a
            """);

    /** The JSON of the context as it is now in force; {@code created} says whether it was not so before. */
    Uni<String> lock(Ticket ticket, String by, NewContext context, @Nullable IdempotencyKey key) {
        Tuple params = Tuple.tuple()
                .addString(ticket.project())
                .addString(context.topic())
                .addString(context.content())
                .addBuffer(Buffer.buffer(context.hash()))
                .addString(context.priority().text())
                .addArrayOfString(context.tags().toArray(String[]::new))
                .addString(Reading.preview(context.content()))
                .addArrayOfString(Reading.concepts(context.content()).toArray(String[]::new))
                .addArrayOfString(Reading.rules(context.content()).toArray(String[]::new))
                .addString(by)
                .addString(key == null ? null : key.value())
                .addBuffer(key == null ? null : Buffer.buffer(key.fingerprint()));
        return db.query(ticket, LOCK, params, rows -> rows.iterator().next().getString("answer"));
    }

    static final Statement GET = Statement.read("contexts.get", """
            SELECT c.topic, c.seq, t.latest_seq, t.versions, c.priority, c.tags, c.preview, c.concepts, c.hash, c.locked_at,
                c.locked_by, c.archived_at, CASE WHEN $4 THEN c.content END AS content
            FROM memory_topics t
                JOIN memory_contexts c ON c.project_id = t.project_id AND c.topic = t.topic
                    AND c.seq = coalesce($3, t.latest_seq)
            WHERE t.project_id = $1 AND t.topic = $2
            """);

    /**
     * @param version null for the latest; one that is named may be archived
     * @param whole whether with its content
     * @return null if there is none
     */
    Uni<@Nullable JsonObject> get(Ticket ticket, String topic, @Nullable Version version, boolean whole) {
        Tuple params = Tuple.of(ticket.project(), topic, version == null ? null : version.seq(), whole);
        return db.query(ticket, GET, params, ContextRepository::one);
    }

    private static final Statement UNLOCK = Statement.write("contexts.unlock", """
            SELECT guarded, seqs FROM unlock_memory_context($1, $2, $3, $4, $5)
            """);

    /**
     * What became of the versions of a topic.
     *
     * @param guarded nothing was done, because one of them must be checked always
     * @param seqs those that are no more in force, or gone; empty where there are none
     */
    record Unlocked(boolean guarded, Integer[] seqs) {}

    /**
     * Takes versions out of force.
     *
     * @param version null for all
     * @param archive whether they can still be recalled by their numbers
     */
    Uni<Unlocked> unlock(Ticket ticket, String topic, @Nullable Version version, boolean force, boolean archive) {
        Integer seq = version == null ? null : version.seq();
        Tuple params = Tuple.of(ticket.project(), topic, seq, force, archive);
        return db.query(ticket, UNLOCK, params, (rows, replayed) -> {
            Row row = rows.iterator().next();
            Integer[] seqs = row.getArrayOfIntegers("seqs");
            boolean doneBefore = replayed && seqs.length == 0 && seq != null;
            return new Unlocked(row.getBoolean("guarded"), doneBefore ? new Integer[] {seq} : seqs);
        });
    }

    private static @Nullable JsonObject one(RowSet<Row> rows) {
        if (rows.size() == 0) {
            return null;
        }
        Row row = rows.iterator().next();
        Integer latest = row.getInteger("latest_seq");
        JsonObject context = new JsonObject()
                .put("object", "context")
                .put("topic", row.getString("topic"))
                .put("version", Version.text(row.getInteger("seq")))
                .put("latest_version", latest == null ? null : Version.text(latest))
                .put("versions", row.getInteger("versions"))
                .put("priority", row.getString("priority"))
                .put("tags", Rows.texts(row, "tags"))
                .put("preview", row.getString("preview"))
                .put("key_concepts", Rows.texts(row, "concepts"))
                .put("content_hash", "sha256:" + Rows.hex(row, "hash"))
                .put("locked_at", Rows.seconds(row, "locked_at"))
                .put("locked_by", row.getString("locked_by"))
                .put("archived_at", Rows.seconds(row, "archived_at"));
        String content = row.getString("content");
        return content == null ? context : context.put("content", content);
    }
}
