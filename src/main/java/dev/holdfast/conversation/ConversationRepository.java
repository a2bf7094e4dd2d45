package dev.holdfast.conversation;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Conversations and their metadata in PostgreSQL. */
@ApplicationScoped
class ConversationRepository {

    /** Sorts after every id, which begins with {@code conv_} and goes on with hexadecimal digits. */
    private static final String AFTER_ALL = "conv_~";

    private final Database db;

    ConversationRepository(Database db) {
        this.db = db;
    }

    private static final Statement CREATE = Statement.write(
            "conversations.create",
            """
            WITH c AS (
                INSERT INTO conversations (project_id, id, created_at, metadata, last_seq)
                VALUES ($1, $2, $3, $4::text::json, cardinality($7::text[]))
            ), m AS (
                INSERT INTO conversation_metadata (project_id, conversation_id, key, value)
                SELECT $1, $2, m.key, m.value FROM unnest($5::text[], $6::text[]) AS m (key, value)
            ), k AS (
                INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
                SELECT $1, $9, $10, $11 WHERE $9::text IS NOT NULL
            )
            INSERT INTO items (project_id, conversation_id, seq, id, body)
            SELECT $1, $2, i.seq, i.id, i.body::json
            FROM unnest($7::text[], $8::text[]) WITH ORDINALITY AS i (id, body, seq)
            """);

    /** Fails with a violation of {@code conversations_pkey} if a lost sending of this same creation was committed. */
    Uni<Void> create(
            Ticket ticket,
            String id,
            Instant createdAt,
            Metadata metadata,
            List<ItemDraft> items,
            IdempotencyKey key,
            String response) {
        Tuple params = Tuple.tuple()
                .addString(ticket.project())
                .addString(id)
                .addOffsetDateTime(createdAt.atOffset(ZoneOffset.UTC))
                .addString(metadata.json())
                .addArrayOfString(keys(metadata))
                .addArrayOfString(values(metadata));
        ItemRepository.addItems(params, items);
        IdempotencyKey.addTo(params, key, response);
        return db.query(ticket, CREATE, params, rows -> null);
    }

    private static final Statement GET = Statement.read(
            "conversations.get",
            """
            SELECT id, created_at, metadata::text AS metadata FROM conversations WHERE project_id = $1 AND id = $2
            """);

    /** Null if there is none. */
    Uni<ConversationRow> get(Ticket ticket, String id) {
        return db.query(ticket, GET, Tuple.of(ticket.project(), id), ConversationRepository::first);
    }

    // Two updates at the same time may leave a pair of the first behind, because the second one's DELETE doesn't see it:
    // lists by metadata compare with the conversation itself.
    private static final Statement UPDATE = Statement.write(
            "conversations.update",
            """
            WITH c AS (
                UPDATE conversations SET metadata = $3::text::json WHERE project_id = $1 AND id = $2
                RETURNING id, created_at, metadata
            ), asked AS (
                SELECT a.key, a.value FROM unnest($4::text[], $5::text[]) AS a (key, value)
            ), d AS (
                DELETE FROM conversation_metadata m USING c
                WHERE m.project_id = $1 AND m.conversation_id = c.id
                  AND NOT EXISTS (SELECT FROM asked a WHERE a.key = m.key AND a.value = m.value)
            ), i AS (
                INSERT INTO conversation_metadata (project_id, conversation_id, key, value)
                SELECT $1, c.id, a.key, a.value FROM c, asked a
                ON CONFLICT DO NOTHING
            )
            SELECT id, created_at, metadata::text AS metadata FROM c
            """);

    /** Null if there is none. */
    Uni<ConversationRow> update(Ticket ticket, String id, Metadata metadata) {
        Tuple params = Tuple.tuple()
                .addString(ticket.project())
                .addString(id)
                .addString(metadata.json())
                .addArrayOfString(keys(metadata))
                .addArrayOfString(values(metadata));
        return db.query(ticket, UPDATE, params, ConversationRepository::first);
    }

    private static final Statement DELETE = Statement.write(
            "conversations.delete",
            """
            WITH c AS (
                DELETE FROM conversations WHERE project_id = $1 AND id = $2 RETURNING project_id, id
            )
            INSERT INTO purges (project_id, conversation_id) SELECT project_id, id FROM c
            """);

    /** Whether there was one. Its items are purged later. */
    Uni<Boolean> delete(Ticket ticket, String id) {
        return db.query(
                ticket, DELETE, Tuple.of(ticket.project(), id), (rows, replayed) -> replayed || rows.rowCount() > 0);
    }

    static final Statement LIST_DESC = list("<", "DESC");
    static final Statement LIST_ASC = list(">", "ASC");

    private static Statement list(String comparison, String direction) {
        return Statement.read(
                "conversations.list",
                """
                SELECT id, created_at, metadata::text AS metadata FROM conversations
                WHERE project_id = $1 AND id %s $2
                ORDER BY id %s LIMIT $3
                """
                        .formatted(comparison, direction));
    }

    static final Statement FILTER_DESC = filter("<", "DESC");
    static final Statement FILTER_ASC = filter(">", "ASC");

    // The first filter is a range of the index; further ones are looked up for each of its rows.
    private static Statement filter(String comparison, String direction) {
        return Statement.read(
                "conversations.list_by_metadata",
                """
                SELECT c.id, c.created_at, c.metadata::text AS metadata
                FROM conversation_metadata m JOIN conversations c ON c.project_id = $1 AND c.id = m.conversation_id
                WHERE m.project_id = $1 AND m.key = $4 AND m.value = $5 AND m.conversation_id %s $2
                  AND c.metadata ->> $4 = $5
                  AND NOT EXISTS (
                    SELECT FROM unnest($6::text[], $7::text[]) AS f (key, value)
                    WHERE c.metadata ->> f.key IS DISTINCT FROM f.value)
                ORDER BY m.conversation_id %s LIMIT $3
                """
                        .formatted(comparison, direction));
    }

    /** One more than asked for, where there are that many. */
    Uni<List<ConversationRow>> list(Ticket ticket, PageRequest page, Map<String, String> filters) {
        boolean desc = page.order() == Order.DESC;
        String from = page.after() != null ? page.after() : desc ? AFTER_ALL : "";
        Tuple params = Tuple.of(ticket.project(), from, page.limit() + 1);
        if (filters.isEmpty()) {
            return db.query(ticket, desc ? LIST_DESC : LIST_ASC, params, ConversationRepository::all);
        }
        List<String> keys = List.copyOf(filters.keySet());
        List<String> values = keys.stream().map(filters::get).toList();
        params.addString(keys.get(0))
                .addString(values.get(0))
                .addArrayOfString(rest(keys))
                .addArrayOfString(rest(values));
        return db.query(ticket, desc ? FILTER_DESC : FILTER_ASC, params, ConversationRepository::all);
    }

    static ConversationRow row(Row row) {
        OffsetDateTime createdAt = row.getOffsetDateTime("created_at");
        return new ConversationRow(row.getString("id"), createdAt.toEpochSecond(), row.getString("metadata"));
    }

    private static ConversationRow first(RowSet<Row> rows) {
        return rows.size() == 0 ? null : row(rows.iterator().next());
    }

    private static List<ConversationRow> all(RowSet<Row> rows) {
        List<ConversationRow> all = new ArrayList<>(rows.size());
        rows.forEach(row -> all.add(row(row)));
        return all;
    }

    private static String[] keys(Metadata metadata) {
        return metadata.pairs().keySet().toArray(String[]::new);
    }

    private static String[] values(Metadata metadata) {
        return metadata.pairs().values().toArray(String[]::new);
    }

    private static String[] rest(List<String> all) {
        return all.subList(1, all.size()).toArray(String[]::new);
    }
}
