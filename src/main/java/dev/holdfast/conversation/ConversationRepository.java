package dev.holdfast.conversation;

import dev.holdfast.db.BatchRead;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.Metadata;
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
import org.jspecify.annotations.Nullable;

/** Conversations and their metadata in PostgreSQL. */
@ApplicationScoped
class ConversationRepository {

    /** Sorts after every id, which begins with {@code conv_} and goes on with hexadecimal digits. */
    private static final String AFTER_ALL = "conv_~";

    private final Database db;

    ConversationRepository(Database db) {
        this.db = db;
    }

    private static final Statement CREATE = create("");
    private static final Statement CREATE_KEYED = create(", k AS (" + IdempotencyKey.stored("$1", 9, "") + ")");

    private static Statement create(String besides) {
        return Statement.write("conversations.create", """
                WITH c AS (
                    INSERT INTO conversations (project_id, id, created_at, metadata, last_seq, largest_item,
                        expires_at)
                    VALUES ($1, $2, $3, $4::text::json, cardinality($5::text[]), $7, to_timestamp($8))
                ) %s
                INSERT INTO items (project_id, conversation_id, seq, id, body)
                SELECT $1, $2, i.seq, i.id, i.body::json
                FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS i (id, body, seq)
                """.formatted(besides));
    }

    /** Fails with a violation of {@code conversations_pkey} if a lost sending of this same creation was committed. */
    Uni<@Nullable Void> create(
            Ticket ticket,
            String id,
            Instant createdAt,
            RequestBody.NewConversation asked,
            List<ItemDraft> items,
            @Nullable IdempotencyKey key,
            @Nullable String response) {
        Tuple params = Tuple.tuple()
                .addString(ticket.project())
                .addString(id)
                .addOffsetDateTime(createdAt.atOffset(ZoneOffset.UTC))
                .addString(asked.metadata().json());
        ItemRepository.addItems(params, items);
        params.addInteger(ItemRepository.largest(items)).addDouble(seconds(asked.expiresAt()));
        if (key == null) {
            return db.query(ticket, CREATE, params, rows -> null);
        }
        IdempotencyKey.addTo(params, key, response);
        return db.query(ticket, CREATE_KEYED, params, rows -> null);
    }

    static final BatchRead<String, @Nullable ConversationRow> GET = new BatchRead<>() {

        private static final String COLUMNS = "id, created_at, metadata::text AS metadata, expires_at";

        private final Statement one = Statement.read("conversations.get", """
                SELECT %s FROM conversations WHERE project_id = $1 AND id = $2
                """.formatted(COLUMNS));

        // By the sub-select the planner does not see how many there are: it would make a plan for each number.
        private final Statement several = Statement.read("conversations.get", """
                SELECT c.*, a.n FROM unnest((SELECT $2::text[])) WITH ORDINALITY AS a (conversation, n), LATERAL (
                    SELECT %s FROM conversations WHERE project_id = $1 AND id = a.conversation OFFSET 0) c
                """.formatted(COLUMNS));

        @Override
        public Statement one() {
            return one;
        }

        @Override
        public Tuple params(String project, String id) {
            return Tuple.of(project, id);
        }

        @Override
        public Statement several() {
            return several;
        }

        @Override
        public Tuple params(String project, List<String> ids) {
            return Tuple.of(project).addArrayOfString(ids.toArray(String[]::new));
        }

        @Override
        public @Nullable ConversationRow answer(@Nullable Row row) {
            return row == null ? null : row(row);
        }
    };

    /** Null if there is none. */
    Uni<@Nullable ConversationRow> get(Ticket ticket, String id) {
        return db.query(ticket, GET, id);
    }

    private static final Statement UPDATE = Statement.write("conversations.update", """
            UPDATE conversations SET metadata = coalesce($3::text::json, metadata),
                expires_at = CASE WHEN $4 THEN to_timestamp($5) ELSE expires_at END
            WHERE project_id = $1 AND id = $2
            RETURNING id, created_at, metadata::text AS metadata, expires_at
            """);

    /** Null if there is none. */
    Uni<@Nullable ConversationRow> update(Ticket ticket, String id, RequestBody.Change change) {
        Metadata metadata = change.metadata();
        Tuple params = Tuple.of(ticket.project(), id)
                .addString(metadata == null ? null : metadata.json())
                .addBoolean(change.changesExpiry())
                .addDouble(seconds(change.expiresAt()));
        return db.query(ticket, UPDATE, params, ConversationRepository::first);
    }

    private static final Statement DELETE = Statement.write("conversations.delete", """
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
        return Statement.read("conversations.list", """
                SELECT id, created_at, metadata::text AS metadata, expires_at FROM conversations
                WHERE project_id = $1 AND id %s $2
                ORDER BY id %s LIMIT $3
                """.formatted(comparison, direction));
    }

    static final Statement FILTER_DESC = filter("<", "DESC");
    static final Statement FILTER_ASC = filter(">", "ASC");

    // OFFSET 0 keeps the planner from any join but a look-up for each row: it can't know that few rows are wanted.
    private static Statement filter(String comparison, String direction) {
        return Statement.read("conversations.list_by_metadata", """
                SELECT c.id, c.created_at, c.metadata::text AS metadata, c.expires_at
                FROM conversation_filters f, LATERAL (
                    SELECT id, created_at, metadata, expires_at FROM conversations
                    WHERE project_id = $1 AND id = f.conversation_id OFFSET 0) c
                WHERE f.project_id = $1 AND f.digest = metadata_digest($4, $5) AND f.conversation_id %s $2
                ORDER BY f.conversation_id %s LIMIT $3
                """.formatted(comparison, direction));
    }

    /** One more than asked for, where there are that many. */
    Uni<List<ConversationRow>> list(Ticket ticket, PageRequest page, Map<String, String> filters) {
        boolean desc = page.order() == Order.DESC;
        String from = page.after() != null ? page.after() : desc ? AFTER_ALL : "";
        Tuple params = Tuple.of(ticket.project(), from, page.limit() + 1);
        if (filters.isEmpty()) {
            return db.query(ticket, desc ? LIST_DESC : LIST_ASC, params, ConversationRepository::all);
        }
        params.addArrayOfString(filters.keySet().toArray(String[]::new))
                .addArrayOfString(filters.values().toArray(String[]::new));
        return db.query(ticket, desc ? FILTER_DESC : FILTER_ASC, params, ConversationRepository::all);
    }

    static ConversationRow row(Row row) {
        OffsetDateTime createdAt = row.getOffsetDateTime("created_at");
        OffsetDateTime expiresAt = row.getOffsetDateTime("expires_at");
        return new ConversationRow(
                row.getString("id"),
                createdAt.toEpochSecond(),
                row.getString("metadata"),
                expiresAt == null ? null : expiresAt.toEpochSecond());
    }

    private static @Nullable Double seconds(@Nullable Long epochSecond) {
        return epochSecond == null ? null : epochSecond.doubleValue();
    }

    private static @Nullable ConversationRow first(RowSet<Row> rows) {
        return rows.size() == 0 ? null : row(rows.iterator().next());
    }

    private static List<ConversationRow> all(RowSet<Row> rows) {
        List<ConversationRow> all = new ArrayList<>(rows.size());
        rows.forEach(row -> all.add(row(row)));
        return all;
    }
}
