package dev.holdfast.llmconfig;

import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.IfMatch;
import dev.holdfast.llmconfig.probe.ProbeTarget;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Sealing;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Configs in PostgreSQL. Every write takes its turn first, so that two never wait for each other crosswise. */
@ApplicationScoped
public class ConfigRepository {

    /** One writer at a time; who it is goes into the history. */
    static final String TURN = """
            WITH turn AS (
                SELECT set_config('holdfast.actor', $1, true) AS actor FROM llm_config_changes FOR UPDATE
            )
            """;

    private final Database db;
    private final Sealing sealing;

    ConfigRepository(Database db, Sealing sealing) {
        this.db = db;
        this.sealing = sealing;
    }

    /**
     * A config as it is to be stored.
     *
     * @param actor the id of the key that asked for it
     * @param at the moment of the change, in microseconds at most: PostgreSQL keeps no more
     * @param sealed the sealed key; null where there is none or it stays
     * @param key stored with {@code answer}; null where the request has none
     */
    record Write(
            LlmConfig config,
            String actor,
            Instant at,
            byte @Nullable [] sealed,
            @Nullable IdempotencyKey key,
            String answer) {}

    private static final Statement CREATE = Statement.write("llm_configs.create", TURN + """
            , c AS (
                INSERT INTO llm_configs (
                    id, version, created_at, updated_at, name, provider, model, base_url, params, is_active, is_default,
                    priority, rpm, tpm, input_per_mtok, output_per_mtok, metadata, api_key_hint, api_key)
                SELECT $2, $3, $4, $4, $5, $6, $7, $8, $9::text::json, $10, $11,
                       $12, $13, $14, $15, $16, $17::text::json, $18, $19
                FROM turn
            )
            INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
            SELECT $20, $21, $22, $23 WHERE $21::text IS NOT NULL
            """);

    /**
     * Stores a new config; {@link Problem} 409 if its name is taken. Its id is ours, and its history is what comes first: there
     * already means done already.
     */
    Uni<@Nullable Void> create(Ticket ticket, Write write) {
        return db.<@Nullable Void>query(ticket, CREATE, params(ticket, write), rows -> null)
                .onFailure(e -> violates(e, "llm_config_history_pkey"))
                .recoverWithNull()
                .onFailure(e -> violates(e, "llm_configs_name"))
                .transform(e -> nameTaken(write));
    }

    private static final Statement UPDATE = Statement.write("llm_configs.update", TURN + """
            , c AS (
                UPDATE llm_configs SET
                    version = $3, updated_at = $4, name = $5, provider = $6, model = $7, base_url = $8,
                    params = $9::text::json, is_active = $10, is_default = $11, priority = $12, rpm = $13, tpm = $14,
                    input_per_mtok = $15, output_per_mtok = $16, metadata = $17::text::json, api_key_hint = $18,
                    api_key = CASE WHEN $25 THEN $19 ELSE api_key END
                FROM turn
                WHERE id = $2 AND version = $24
                RETURNING id
            ), k AS (
                INSERT INTO idempotency_keys (project_id, key, fingerprint, response)
                SELECT $20, $21, $22, $23 FROM c WHERE $21::text IS NOT NULL
            )
            SELECT id FROM c
            """);

    /**
     * Stores the next version of a config, if its version is still {@code base}; {@link Problem} 409 if its name is taken.
     *
     * @param changesKey whether {@code write.sealed()} takes the place of the key
     * @return whether it was stored
     */
    Uni<Boolean> update(Ticket ticket, Write write, long base, boolean changesKey) {
        Tuple params = params(ticket, write).addLong(base).addBoolean(changesKey);
        return db.query(ticket, UPDATE, params, (rows, replayed) -> new Sent(rows.size() > 0, replayed))
                .onFailure(e -> violates(e, "llm_configs_name"))
                .transform(e -> nameTaken(write))
                .flatMap(sent ->
                        sent.done || !sent.replayed ? Uni.createFrom().item(sent.done) : wasDone(ticket, write));
    }

    private record Sent(boolean done, boolean replayed) {}

    private static final Statement WAS_DONE = Statement.read("llm_configs.was_done", """
            SELECT FROM llm_config_history WHERE config_id = $1 AND version = $2 AND actor = $3 AND at = $4
            """);

    /** Whether a sending that was lost has come to its end. */
    private Uni<Boolean> wasDone(Ticket ticket, Write write) {
        Tuple params =
                Tuple.of(write.config.id(), write.config.version(), write.actor, write.at.atOffset(ZoneOffset.UTC));
        return db.query(ticket, WAS_DONE, params, rows -> rows.size() > 0);
    }

    private static final Statement DELETE = Statement.write("llm_configs.delete", TURN + """
            DELETE FROM llm_configs c USING turn
            WHERE c.id = $2 AND ($3::bigint[] IS NULL OR c.version = ANY ($3))
            RETURNING c.id
            """);

    /** What came of a deletion. */
    enum Deletion {
        DONE,
        ABSENT,
        OTHER_VERSION
    }

    /** Deletes a config, its key with it; its history stays. */
    Uni<Deletion> delete(Ticket ticket, String id, String actor, IfMatch condition) {
        Tuple params = Tuple.of(actor, id).addArrayOfLong(condition.versions());
        return db.query(ticket, DELETE, params, (rows, replayed) -> new Sent(rows.size() > 0, replayed))
                .flatMap(sent -> sent.done
                        ? Uni.createFrom().item(Deletion.DONE)
                        : find(ticket, id).map(found -> {
                            if (found != null) {
                                return Deletion.OTHER_VERSION;
                            }
                            return sent.replayed ? Deletion.DONE : Deletion.ABSENT;
                        }));
    }

    private static final Statement FIND =
            Statement.read("llm_configs.find", "SELECT " + ConfigRows.COLUMNS + " FROM llm_configs c WHERE c.id = $1");

    /** Null if there is none. */
    public Uni<@Nullable LlmConfig> find(Ticket ticket, String id) {
        return db.query(
                ticket,
                FIND,
                Tuple.of(id),
                rows -> rows.size() == 0
                        ? null
                        : ConfigRows.config(rows.iterator().next(), sealing));
    }

    private static final Statement TARGET = Statement.read(
            "llm_configs.target", "SELECT id, provider, base_url, api_key FROM llm_configs WHERE id = $1");

    /**
     * What a test of a config needs, its key in the clear. Null if there is no such config; {@link Problem} 409 if its key can't
     * be opened, or if nothing says where its provider is.
     */
    public Uni<@Nullable ProbeTarget> target(Ticket ticket, String id) {
        return db.query(
                ticket,
                TARGET,
                Tuple.of(id),
                rows -> rows.size() == 0 ? null : target(rows.iterator().next()));
    }

    private ProbeTarget target(Row row) {
        String provider = row.getString("provider");
        String baseUrl = row.getString("base_url");
        String address = baseUrl != null
                ? baseUrl
                : Provider.of(provider).map(Provider::defaultBaseUrl).orElseThrow(() -> noAddress(provider));
        Buffer sealed = row.getBuffer("api_key");
        String key = sealed == null
                ? null
                : sealing.open(row.getString("id"), sealed.getBytes()).orElseThrow(ConfigRepository::shut);
        return new ProbeTarget(provider, address, key);
    }

    /** Configs of a newer release may have such a provider. */
    private static Problem noAddress(String provider) {
        return Problem.conflict(
                "This release does not know where '" + provider + "' is, and the config does not say it.", "base_url");
    }

    private static Problem shut() {
        return Problem.conflict(
                "The config's key can't be opened with this deployment's keyset: set the key anew, or add the key that"
                        + " sealed it to the keyset.",
                "api_key");
    }

    private static Tuple params(Ticket ticket, Write write) {
        LlmConfig c = write.config;
        Tuple params = Tuple.of(write.actor, c.id(), c.version(), write.at.atOffset(ZoneOffset.UTC))
                .addString(c.name())
                .addString(c.provider())
                .addString(c.model())
                .addString(c.baseUrl())
                .addString(c.params())
                .addBoolean(c.active())
                .addBoolean(c.byDefault())
                .addInteger(c.priority())
                .addLong(c.limits().rpm())
                .addLong(c.limits().tpm())
                .addBigDecimal(c.cost().inputPerMtok())
                .addBigDecimal(c.cost().outputPerMtok())
                .addString(c.metadata())
                .addString(c.keyHint())
                .addBuffer(write.sealed == null ? null : Buffer.buffer(write.sealed))
                .addString(ticket.project());
        IdempotencyKey.addTo(params, write.key, write.answer);
        return params;
    }

    private static boolean violates(Throwable failure, String constraint) {
        return failure instanceof DbException refusal && constraint.equals(refusal.constraint());
    }

    private static Problem nameTaken(Write write) {
        return Problem.conflict("There already is a config named '" + write.config.name() + "'.", "name");
    }
}
