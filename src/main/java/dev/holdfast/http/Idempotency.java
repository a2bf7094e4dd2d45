package dev.holdfast.http;

import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives the first answer again to a request that carries the same {@code Idempotency-Key}. The writing statement stores key
 * and answer itself, in the table {@code idempotency_keys}, so that both are committed with the write or not at all; a key
 * that is already there makes it fail, and then the stored answer is read.
 */
@ApplicationScoped
public class Idempotency {

    private static final String SPAN = "interval '24 hours'";

    private final Database db;

    Idempotency(Database db) {
        this.db = db;
    }

    private record Stored(byte[] fingerprint, String response, boolean expired) {}

    /**
     * Runs a write, or finds that it has been done.
     *
     * @param key null where the request has none
     * @param write makes one attempt; it is called again once where the key that was in its way had expired
     * @return the answer of {@code write}, the stored one, or the failure of {@code write} where the key is not stored
     */
    public Uni<Buffer> once(Ticket ticket, @Nullable IdempotencyKey key, Supplier<Uni<Buffer>> write) {
        if (key == null) {
            return write.get();
        }
        return write.get()
                .onFailure(Idempotency::mayBeRepetition)
                .recoverWithUni(failure -> stored(ticket, key).flatMap(stored -> {
                    if (stored == null) {
                        return Uni.createFrom().failure(failure);
                    }
                    if (stored.expired) {
                        return forget(ticket, key).flatMap(v -> once(ticket, key, write));
                    }
                    if (!MessageDigest.isEqual(stored.fingerprint, key.fingerprint())) {
                        return Uni.createFrom().failure(Problem.idempotencyKeyReused());
                    }
                    return Uni.createFrom().item(Buffer.buffer(stored.response));
                }));
    }

    /** The key itself is in the way, or the request is refused for what its first run, or somebody since, has changed. */
    private static boolean mayBeRepetition(Throwable failure) {
        return failure instanceof Problem
                || failure instanceof DbException refusal && refusal.kind() == DbException.Kind.CONSTRAINT;
    }

    private static final Statement READ = Statement.read("idempotency.read", """
            SELECT fingerprint, response, created_at < now() - %s AS expired
            FROM idempotency_keys WHERE project_id = $1 AND key = $2
            """.formatted(SPAN));

    private Uni<@Nullable Stored> stored(Ticket ticket, IdempotencyKey key) {
        return db.query(ticket, READ, Tuple.of(ticket.project(), key.value()), rows -> {
            if (rows.size() == 0) {
                return null;
            }
            Row row = rows.iterator().next();
            return new Stored(
                    row.getBuffer("fingerprint").getBytes(), row.getString("response"), row.getBoolean("expired"));
        });
    }

    private static final Statement FORGET = Statement.write("idempotency.forget", """
            DELETE FROM idempotency_keys WHERE project_id = $1 AND key = $2 AND created_at < now() - %s
            """.formatted(SPAN));

    private Uni<@Nullable Void> forget(Ticket ticket, IdempotencyKey key) {
        return db.query(ticket, FORGET, Tuple.of(ticket.project(), key.value()), rows -> null);
    }
}
