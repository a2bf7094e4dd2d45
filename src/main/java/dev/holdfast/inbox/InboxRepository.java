package dev.holdfast.inbox;

import dev.holdfast.conversation.ItemDraft;
import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.identity.AppliedSettings;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts messages into the queue. */
@ApplicationScoped
class InboxRepository {

    /** What wakes other replicas' workers. */
    static final String CHANNEL = "holdfast_inbox";

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Database db;

    InboxRepository(Database db) {
        this.db = db;
    }

    /**
     * A message that has come.
     *
     * @param id ours, made before anything is sent
     * @param senderMessageId the sender's, or null
     * @param fingerprint SHA-256 of the body
     * @param at in microseconds at most: PostgreSQL keeps no more
     */
    record Arrival(
            String id,
            String source,
            Message message,
            @Nullable String senderMessageId,
            byte[] fingerprint,
            Instant at) {}

    /**
     * A message that was there already.
     *
     * @param receivedAt in seconds since 1970
     */
    record Before(String id, String externalId, long receivedAt, byte[] fingerprint) {}

    // The sender's row is locked before the message has its number: numbers become visible in their order.
    static final Statement ACCEPT =
            Statement.write("inbox.accept", """
            WITH s AS (
                INSERT INTO inbox_senders AS t (project_id, external_id, waiting, due_at) VALUES ($1, $4, 1, now())
                ON CONFLICT (project_id, external_id) DO UPDATE SET waiting = t.waiting + 1
                RETURNING CASE WHEN $10 THEN pg_notify('%s', '')::text END
            ), k AS (
                INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
                SELECT $1, $11, $12, $13 WHERE $11::text IS NOT NULL
            )
            INSERT INTO inbox_messages (
                project_id, id, source, external_id, sender_message_id, fingerprint, state, item_ids, item_bodies,
                received_at, settings)
            SELECT $1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, %s FROM s
            """.formatted(CHANNEL, AppliedSettings.of("$1", "$4")));

    /**
     * Accepts a message.
     *
     * @param tell whether workers of other replicas are to be told
     * @param key stored with {@code answer}, or null
     * @return null; or what is there already under the sender's id of the message, which is then this very message. Fails with
     *     {@link Problem} 409 where it is another one
     */
    Uni<@Nullable Before> accept(
            Ticket ticket, Arrival arrival, boolean tell, @Nullable IdempotencyKey key, String answer) {
        Message message = arrival.message;
        Tuple params = Tuple.of(ticket.project(), arrival.id, arrival.source, message.externalId())
                .addString(arrival.senderMessageId)
                .addBuffer(Buffer.buffer(arrival.fingerprint))
                .addArrayOfString(message.items().stream().map(ItemDraft::id).toArray(String[]::new))
                .addArrayOfString(message.items().stream().map(ItemDraft::json).toArray(String[]::new))
                .addOffsetDateTime(arrival.at.atOffset(ZoneOffset.UTC))
                .addBoolean(tell);
        IdempotencyKey.addTo(params, key, answer);
        return db.<@Nullable Before>query(ticket, ACCEPT, params, rows -> null)
                .onFailure(e -> violates(e, "inbox_messages_pkey"))
                .recoverWithNull()
                .onFailure(e -> violates(e, "inbox_messages_sender_message_id"))
                .recoverWithUni(e -> before(ticket, arrival));
    }

    // As above, of several: each sender's row is locked once, and the messages have their numbers in the order in
    // which they arrived.
    static final Statement ACCEPT_ALL =
            Statement.write("inbox.accept", """
            WITH a AS MATERIALIZED (
                SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[], $8::int[],
                    $9::int[]) WITH ORDINALITY
                    AS a (id, source, external_id, sender_message_id, fingerprint, received_at, first_item, last_item, n)
            ), s AS (
                INSERT INTO inbox_senders AS t (project_id, external_id, waiting, due_at)
                SELECT $1, external_id, count(*), now() FROM a GROUP BY external_id ORDER BY external_id COLLATE "C"
                ON CONFLICT (project_id, external_id) DO UPDATE SET waiting = t.waiting + excluded.waiting
                RETURNING external_id, CASE WHEN $12 THEN pg_notify('%s', '')::text END
            )
            INSERT INTO inbox_messages (
                project_id, id, source, external_id, sender_message_id, fingerprint, state, item_ids, item_bodies,
                received_at, settings)
            SELECT $1, a.id, a.source, a.external_id, a.sender_message_id, a.fingerprint, 'waiting',
                ($10::text[])[a.first_item:a.last_item], ($11::text[])[a.first_item:a.last_item], a.received_at, %s
            FROM a JOIN s USING (external_id) ORDER BY a.n
            """.formatted(CHANNEL, AppliedSettings.of("$1", "a.external_id")));

    /** Accepts messages of one project, all or none; it fails where one of them is there already. */
    Uni<@Nullable Void> acceptAll(Ticket ticket, List<Arrival> arrivals, boolean tell) {
        List<ItemDraft> items = new ArrayList<>();
        Integer[] first = new Integer[arrivals.size()];
        Integer[] last = new Integer[arrivals.size()];
        for (int i = 0; i < first.length; i++) {
            first[i] = items.size() + 1;
            items.addAll(arrivals.get(i).message.items());
            last[i] = items.size();
        }
        Tuple params = Tuple.tuple()
                .addString(ticket.project())
                .addArrayOfString(texts(arrivals, Arrival::id))
                .addArrayOfString(texts(arrivals, Arrival::source))
                .addArrayOfString(texts(arrivals, arrival -> arrival.message.externalId()))
                .addArrayOfString(texts(arrivals, Arrival::senderMessageId))
                .addArrayOfBuffer(arrivals.stream()
                        .map(arrival -> Buffer.buffer(arrival.fingerprint))
                        .toArray(Buffer[]::new))
                .addArrayOfOffsetDateTime(arrivals.stream()
                        .map(arrival -> arrival.at.atOffset(ZoneOffset.UTC))
                        .toArray(OffsetDateTime[]::new))
                .addArrayOfInteger(first)
                .addArrayOfInteger(last)
                .addArrayOfString(texts(items, ItemDraft::id))
                .addArrayOfString(texts(items, ItemDraft::json))
                .addBoolean(tell);
        return db.query(ticket, ACCEPT_ALL, params, rows -> null);
    }

    private static <T> String[] texts(List<T> all, Function<T, @Nullable String> text) {
        return all.stream().map(text).toArray(String[]::new);
    }

    private static boolean violates(Throwable failure, String constraint) {
        return failure instanceof DbException refusal && constraint.equals(refusal.constraint());
    }

    static final Statement BEFORE = Statement.read("inbox.before", """
            SELECT id, external_id, floor(extract(epoch FROM received_at))::bigint AS received_at, fingerprint
            FROM inbox_messages WHERE project_id = $1 AND source = $2 AND sender_message_id = $3
            """);

    private Uni<Before> before(Ticket ticket, Arrival arrival) {
        Tuple params = Tuple.of(ticket.project(), arrival.source, arrival.senderMessageId);
        return db.query(ticket, BEFORE, params, rows -> {
            if (rows.size() == 0) {
                throw Problem.databaseUnavailable("A message of this id was just removed.", RETRY);
            }
            Row row = rows.iterator().next();
            Before before = new Before(
                    row.getString("id"),
                    row.getString("external_id"),
                    row.getLong("received_at"),
                    row.getBuffer("fingerprint").getBytes());
            if (!MessageDigest.isEqual(before.fingerprint, arrival.fingerprint)) {
                throw new Problem(
                        ErrorCode.IDEMPOTENCY_KEY_REUSED,
                        "This webhook-id was used for a different message of this source.",
                        Signature.ID_HEADER,
                        null);
            }
            return before;
        });
    }
}
