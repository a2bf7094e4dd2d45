package dev.holdfast.inbox;

import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.KeysetStatements;
import dev.holdfast.http.PageRequest;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sources in PostgreSQL; each method is one statement. */
@ApplicationScoped
class SourceRepository {

    private static final String COLUMNS = """
            s.id, s.project_id, s.name, s.secret, floor(extract(epoch FROM s.secret_at))::bigint AS secret_at,
            floor(extract(epoch FROM s.previous_secret_at))::bigint AS previous_secret_at,
            floor(extract(epoch FROM s.created_at))::bigint AS created_at
            """;

    private final Database db;
    private final Sealing sealing;

    SourceRepository(Database db, Sealing sealing) {
        this.db = db;
        this.sealing = sealing;
    }

    private static final Statement CREATE = Statement.write("inbox_sources.create", """
            INSERT INTO inbox_sources AS s (id, project_id, name, secret, secret_at, created_at)
            SELECT $1, p.id, $3, $4, $5, $5 FROM projects p WHERE p.id = $2
            RETURNING\s""" + COLUMNS);

    /** Null if there is no such project; {@link Problem} 409 if the id is taken. */
    Uni<@Nullable Source> create(Ticket ticket, Source.Draft draft, byte[] sealed, Instant at) {
        Tuple params = Tuple.of(draft.id(), draft.project(), draft.name())
                .addBuffer(Buffer.buffer(sealed))
                .addOffsetDateTime(at.atOffset(ZoneOffset.UTC));
        return db.query(ticket, CREATE, params, this::first)
                .onFailure(SourceRepository::isTaken)
                .recoverWithUni(failure -> settle(ticket, draft.id(), sealed, (DbException) failure));
    }

    private static boolean isTaken(Throwable failure) {
        return failure instanceof DbException refusal && "inbox_sources_pkey".equals(refusal.constraint());
    }

    private static final Statement HAS_SECRET = Statement.read(
            "inbox_sources.has_secret",
            "SELECT " + COLUMNS + " FROM inbox_sources s WHERE s.id = $1 AND s.secret = $2");

    /** An id that is taken is a conflict, unless it was a lost sending of this very statement that took it. */
    private Uni<@Nullable Source> settle(Ticket ticket, String id, byte[] sealed, DbException taken) {
        Problem conflict = Problem.conflict("There already is a source '" + id + "'.", "id");
        if (!taken.replayed()) {
            return Uni.createFrom().failure(conflict);
        }
        return db.query(ticket, HAS_SECRET, Tuple.of(id, Buffer.buffer(sealed)), this::first)
                .onFailure()
                .transform(taken::unsettled)
                .onItem()
                .ifNull()
                .failWith(conflict);
    }

    private static final String LIST = "SELECT " + COLUMNS + " FROM inbox_sources s %1$s ORDER BY s.id %2$s LIMIT $1";
    static final KeysetStatements SOURCES = new KeysetStatements("inbox_sources.list", LIST, "WHERE s.id %s $2");

    /** At most one more than the page holds. */
    Uni<List<Source>> list(Ticket ticket, PageRequest page) {
        Tuple params = SOURCES.withCursor(Tuple.of(page.limit() + 1), page);
        return db.query(ticket, SOURCES.of(page), params, rows -> {
            List<Source> all = new ArrayList<>(rows.size());
            rows.forEach(row -> all.add(source(row)));
            return all;
        });
    }

    private static final Statement ROTATE = Statement.write("inbox_sources.rotate", """
            UPDATE inbox_sources s SET
                previous_secret = CASE WHEN s.secret = $2 THEN s.previous_secret ELSE s.secret END,
                previous_secret_at = CASE WHEN s.secret = $2 THEN s.previous_secret_at ELSE s.secret_at END,
                secret = $2, secret_at = $3
            WHERE s.id = $1
            RETURNING\s""" + COLUMNS);

    /** Gives it another secret; the one that it had stays valid beside it. Null if there is no such source. */
    Uni<@Nullable Source> rotate(Ticket ticket, String id, byte[] sealed, Instant at) {
        Tuple params = Tuple.of(id, Buffer.buffer(sealed), at.atOffset(ZoneOffset.UTC));
        return db.query(ticket, ROTATE, params, this::first);
    }

    private static final Statement FORGET = Statement.write("inbox_sources.forget_previous", """
            UPDATE inbox_sources s SET previous_secret = NULL, previous_secret_at = NULL WHERE s.id = $1
            RETURNING\s""" + COLUMNS);

    /** Only its newest secret is valid from now on. Null if there is no such source. */
    Uni<@Nullable Source> forgetPrevious(Ticket ticket, String id) {
        return db.query(ticket, FORGET, Tuple.of(id), this::first);
    }

    private static final Statement DELETE =
            Statement.write("inbox_sources.delete", "DELETE FROM inbox_sources WHERE id = $1");

    /** Whether there was one. Its messages stay, and are delivered. */
    Uni<Boolean> delete(Ticket ticket, String id) {
        return db.query(ticket, DELETE, Tuple.of(id), (rows, replayed) -> replayed || rows.rowCount() > 0);
    }

    private static final int RESEAL_BATCH = 100;

    static final Statement RESEAL_READ = Statement.read("inbox_sources.reseal_read", """
            SELECT id, secret, previous_secret FROM inbox_sources WHERE id > $1 ORDER BY id LIMIT %d
            """.formatted(RESEAL_BATCH));

    // A secret that was forgotten since it was read stays forgotten.
    private static final Statement RESEAL = Statement.write("inbox_sources.reseal", """
            UPDATE inbox_sources s
            SET secret = n.secret, previous_secret = CASE WHEN s.previous_secret IS NOT NULL THEN n.previous END
            FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[]) AS n (id, known, secret, previous)
            WHERE s.id = n.id AND s.secret = n.known
            """);

    /**
     * How many sources were looked at so far.
     *
     * @param sealed those whose secret the primary key has sealed
     * @param undecryptable those with a secret, be it the one before, that no key of the keyset opens
     */
    record Resealed(int sealed, int undecryptable) {

        private Resealed plus(Resealed more) {
            return new Resealed(sealed + more.sealed, undecryptable + more.undecryptable);
        }
    }

    /** Seals all secrets with the keyset's primary key, but for those that are changed since they were read. */
    Uni<Resealed> reseal(Ticket ticket, Keyset keyset) {
        return resealAfter(ticket, keyset, "", new Resealed(0, 0));
    }

    private static final Statement RESEAL_REMAINING = Statement.read("inbox_sources.reseal_remaining", """
            SELECT count(*) AS remaining FROM inbox_sources
            WHERE substring(secret FROM 1 FOR length($1::bytea)) <> $1
               OR substring(previous_secret FROM 1 FOR length($1::bytea)) <> $1
            """);

    /** How many sources have a secret, be it the one before, that the keyset's primary key has not sealed. */
    Uni<Long> remaining(Ticket ticket, Keyset keyset) {
        return db.query(
                ticket,
                RESEAL_REMAINING,
                Tuple.of(Buffer.buffer(keyset.prefix())),
                rows -> rows.iterator().next().getLong("remaining"));
    }

    private Uni<Resealed> resealAfter(Ticket ticket, Keyset keyset, String after, Resealed soFar) {
        return db.query(ticket, RESEAL_READ, Tuple.of(after), rows -> {
                    List<Row> read = new ArrayList<>();
                    rows.forEach(read::add);
                    return read;
                })
                .flatMap(rows -> reseal(ticket, keyset, rows)
                        .map(soFar::plus)
                        .flatMap(done -> rows.size() < RESEAL_BATCH
                                ? Uni.createFrom().item(done)
                                : resealAfter(
                                        ticket,
                                        keyset,
                                        rows.get(rows.size() - 1).getString("id"),
                                        done)));
    }

    /** What can't be opened stays as it is. */
    private Uni<Resealed> reseal(Ticket ticket, Keyset keyset, List<Row> rows) {
        List<String> ids = new ArrayList<>();
        List<Buffer> known = new ArrayList<>();
        List<Buffer> secrets = new ArrayList<>();
        List<@Nullable Buffer> previous = new ArrayList<>();
        int undecryptable = 0;
        for (Row row : rows) {
            String id = row.getString("id");
            Buffer secret = row.getBuffer("secret");
            Buffer before = row.getBuffer("previous_secret");
            Optional<byte[]> anew = sealing.reseal(keyset, id, secret.getBytes());
            Optional<byte[]> anewBefore =
                    before == null ? Optional.empty() : sealing.reseal(keyset, id, before.getBytes());
            if (anew.isEmpty() || before != null && anewBefore.isEmpty()) {
                undecryptable++;
            }
            if (anew.isPresent()) {
                ids.add(id);
                known.add(secret);
                secrets.add(Buffer.buffer(anew.get()));
                previous.add(anewBefore.map(Buffer::buffer).orElse(before));
            }
        }
        int shut = undecryptable;
        if (ids.isEmpty()) {
            return Uni.createFrom().item(new Resealed(0, shut));
        }
        Tuple params = Tuple.tuple()
                .addArrayOfString(ids.toArray(String[]::new))
                .addArrayOfBuffer(known.toArray(Buffer[]::new))
                .addArrayOfBuffer(secrets.toArray(Buffer[]::new))
                .addArrayOfBuffer(previous.toArray(Buffer[]::new));
        return db.query(
                ticket,
                RESEAL,
                params,
                (changed, replayed) -> new Resealed(replayed ? ids.size() : changed.rowCount(), shut));
    }

    private @Nullable Source first(RowSet<Row> rows) {
        return rows.size() == 0 ? null : source(rows.iterator().next());
    }

    private Source source(Row row) {
        String id = row.getString("id");
        boolean opens = sealing.opens(id, row.getBuffer("secret").getBytes());
        return new Source(
                id,
                row.getString("project_id"),
                row.getString("name"),
                null,
                opens ? "sealed" : "undecryptable",
                row.getLong("secret_at"),
                row.getLong("previous_secret_at"),
                row.getLong("created_at"));
    }
}
