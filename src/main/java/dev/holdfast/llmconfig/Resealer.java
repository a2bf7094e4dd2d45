package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.identity.Caller;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Seals all keys with the keyset's primary key, batch by batch. What is done stays done, so it may end anywhere and be asked
 * for again, by any number of replicas at once: a key that has changed since it was read is left alone.
 */
@ApplicationScoped
class Resealer {

    private static final Logger LOG = Logger.getLogger(Resealer.class);
    private static final int BATCH = 200;

    /** What is left of the request's time when no further batch is begun. */
    private static final Duration RESERVE = Duration.ofSeconds(3);

    private final Database db;
    private final Sealing sealing;

    Resealer(Database db, Sealing sealing) {
        this.db = db;
        this.sealing = sealing;
    }

    /**
     * What came of it.
     *
     * @param primaryKeyId the keyset's primary key
     * @param resealed keys that this request has sealed anew
     * @param sealed all keys that the primary key has sealed by now
     * @param undecryptable keys that no key of the keyset opens; they stay as they are
     * @param complete whether the primary key has sealed all of them. If not, there was no time left, or others changed
     *     keys meanwhile, and asking again goes on; or some are undecryptable, and stay so until the keyset has the key
     *     that sealed them
     */
    @JsonPropertyOrder({"object", "primary_key_id", "resealed", "sealed", "undecryptable", "complete"})
    record Outcome(
            @JsonProperty("primary_key_id") long primaryKeyId,
            long resealed,
            long sealed,
            long undecryptable,
            boolean complete) {

        @JsonProperty("object")
        String object() {
            return "llm_config.reseal";
        }
    }

    private record Sealed(String config, byte[] key) {}

    /** @param end whether all configs were looked at */
    private record Progress(String after, long resealed, long undecryptable, boolean end) {}

    /** @param remaining keys that anything else than the primary key has sealed */
    private record Count(long sealed, long remaining) {}

    /** Fails with a 409 where there is no keyset, or it is in memory alone. */
    Uni<Outcome> reseal(Caller caller) {
        return sealing.kept("api_key").flatMap(keyset -> reseal(caller, keyset));
    }

    private Uni<Outcome> reseal(Caller caller, Keyset keyset) {
        return batches(caller, keyset, new Progress("", 0, 0, false))
                .flatMap(last -> count(caller.ticket(), keyset).map(done -> outcome(keyset, last, done)))
                .invoke(outcome -> LOG.infof("Provider keys sealed anew by %s: %s", caller.keyId(), outcome));
    }

    private static Outcome outcome(Keyset keyset, Progress last, Count all) {
        boolean complete = last.end && last.undecryptable == 0 && all.remaining == 0;
        return new Outcome(keyset.primaryId(), last.resealed, all.sealed, last.undecryptable, complete);
    }

    private Uni<Progress> batches(Caller caller, Keyset keyset, Progress soFar) {
        boolean late = caller.deadline().remainingNanos(System.nanoTime()) < RESERVE.toNanos();
        // However little time there is, each request gets on.
        if (soFar.end || late && !soFar.after.isEmpty()) {
            return Uni.createFrom().item(soFar);
        }
        return read(caller.ticket(), keyset, soFar.after)
                .flatMap(found -> batch(caller, keyset, soFar, found))
                .flatMap(next -> batches(caller, keyset, next));
    }

    private Uni<Progress> batch(Caller caller, Keyset keyset, Progress soFar, List<Sealed> found) {
        List<Sealed> opened = new ArrayList<>();
        List<byte[]> anew = new ArrayList<>();
        for (Sealed key : found) {
            sealing.reseal(keyset, key.config, key.key).ifPresent(resealed -> {
                opened.add(key);
                anew.add(resealed);
            });
        }
        boolean end = found.size() < BATCH;
        String after = found.isEmpty() ? soFar.after : found.get(found.size() - 1).config;
        long shut = soFar.undecryptable + found.size() - opened.size();
        return write(caller, opened, anew).map(written -> new Progress(after, soFar.resealed + written, shut, end));
    }

    static final Statement READ = Statement.read("llm_configs.reseal_read", """
            SELECT id, api_key FROM llm_configs
            WHERE id > $1 AND api_key IS NOT NULL AND substring(api_key FROM 1 FOR length($2::bytea)) <> $2
            ORDER BY id LIMIT $3
            """);

    private Uni<List<Sealed>> read(Ticket ticket, Keyset keyset, String after) {
        Tuple params = Tuple.of(after, Buffer.buffer(keyset.prefix()), BATCH);
        return db.query(ticket, READ, params, Resealer::sealed);
    }

    private static List<Sealed> sealed(RowSet<Row> rows) {
        List<Sealed> sealed = new ArrayList<>(rows.size());
        for (Row row : rows) {
            sealed.add(new Sealed(row.getString("id"), row.getBuffer("api_key").getBytes()));
        }
        return sealed;
    }

    private static final Statement WRITE = Statement.write("llm_configs.reseal", ConfigRepository.TURN + """
            UPDATE llm_configs c SET api_key = n.anew
            FROM turn, unnest($2::text[], $3::bytea[], $4::bytea[]) AS n (id, known, anew)
            WHERE c.id = n.id AND c.api_key = n.known
            """);

    private Uni<Integer> write(Caller caller, List<Sealed> known, List<byte[]> anew) {
        if (known.isEmpty()) {
            return Uni.createFrom().item(0);
        }
        Tuple params = Tuple.of(caller.keyId())
                .addArrayOfString(known.stream().map(Sealed::config).toArray(String[]::new))
                .addArrayOfBuffer(known.stream().map(k -> Buffer.buffer(k.key)).toArray(Buffer[]::new))
                .addArrayOfBuffer(anew.stream().map(Buffer::buffer).toArray(Buffer[]::new));
        return db.query(caller.ticket(), WRITE, params, rows -> rows.rowCount());
    }

    // What was changed since it was read, or added behind the batches, is in no batch: only this sees it.
    private static final Statement COUNT = Statement.read("llm_configs.reseal_count", """
            SELECT count(*) FILTER (WHERE prefix = $1) AS sealed, count(*) FILTER (WHERE prefix <> $1) AS remaining
            FROM (SELECT substring(api_key FROM 1 FOR length($1::bytea)) AS prefix FROM llm_configs) AS all_keys
            """);

    private Uni<Count> count(Ticket ticket, Keyset keyset) {
        return db.query(ticket, COUNT, Tuple.of(Buffer.buffer(keyset.prefix())), rows -> {
            Row row = rows.iterator().next();
            return new Count(row.getLong("sealed"), row.getLong("remaining"));
        });
    }
}
