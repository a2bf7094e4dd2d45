package dev.holdfast.llmconfig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.Deleted;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.IfMatch;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Sealing;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes and changes configs. A change is merged here into the version that is known, and stored only if that is still the
 * newest one; else it is merged again into what is. So no statement reads first, and none overwrites what it has not seen.
 */
@ApplicationScoped
public class ConfigWriter {

    private final InstantSource clock = InstantSource.system();
    private final ConfigRepository repository;
    private final ConfigCache cache;
    private final Sealing sealing;
    private final Idempotency idempotency;
    private final ObjectMapper json;

    ConfigWriter(
            ConfigRepository repository,
            ConfigCache cache,
            Sealing sealing,
            Idempotency idempotency,
            ObjectMapper json) {
        this.repository = repository;
        this.cache = cache;
        this.sealing = sealing;
        this.idempotency = idempotency;
        this.json = json;
    }

    /** The new config as JSON; {@link Problem} 409 if its name is taken, or it has a key that can't be sealed. */
    public Uni<Buffer> create(Caller caller, ConfigChange change, @Nullable IdempotencyKey key) {
        Ticket ticket = caller.ticket();
        return idempotency
                .once(ticket, key, () -> create(ticket, caller.keyId(), change, key))
                .call(cache::refresh);
    }

    private Uni<Buffer> create(Ticket ticket, String actor, ConfigChange change, @Nullable IdempotencyKey key) {
        Instant now = now();
        LlmConfig config = change.create(LlmConfig.newId(now.toEpochMilli()), now.getEpochSecond());
        String answer = json(config);
        return repository
                .create(
                        ticket,
                        new ConfigRepository.Write(config, actor, now, sealed(config.id(), change), key, answer))
                .replaceWith(Buffer.buffer(answer));
    }

    /**
     * The changed config as JSON.
     *
     * @return fails with {@link Problem} 404, 412 if its version is not one that {@code condition} allows, 400 or 409 if it
     *     can't become that
     */
    public Uni<Buffer> update(
            Caller caller, String id, ConfigChange change, IfMatch condition, @Nullable IdempotencyKey key) {
        if (change.key() != null) {
            sealing.required("api_key");
        }
        Update update = new Update(caller.ticket(), caller.keyId(), id, change, condition, key);
        return idempotency.once(update.ticket, key, () -> first(update)).call(cache::refresh);
    }

    private record Update(
            Ticket ticket,
            String actor,
            String id,
            ConfigChange change,
            IfMatch condition,
            @Nullable IdempotencyKey key) {}

    private Uni<Buffer> first(Update update) {
        LlmConfig known = cache.view()
                .filter(ConfigCache.View::fresh)
                .map(view -> view.snapshot().get(update.id))
                .orElse(null);
        if (known == null || !update.condition.allows(known.version())) {
            return again(update);
        }
        try {
            return store(update, known);
        } catch (Problem refusal) {
            // What is known here may be a moment old; PostgreSQL has the last word on what the change does not go with.
            return again(update);
        }
    }

    private Uni<Buffer> again(Update update) {
        return repository.find(update.ticket, update.id).flatMap(current -> {
            if (current == null) {
                throw unknown();
            }
            if (!update.condition.allows(current.version())) {
                throw Problem.preconditionFailed("The config is at version " + current.version() + " now.", "If-Match");
            }
            return store(update, current);
        });
    }

    private Uni<Buffer> store(Update update, LlmConfig base) {
        Instant now = now();
        LlmConfig next = update.change.apply(base, now.getEpochSecond());
        String answer = json(next);
        ConfigRepository.Write write = new ConfigRepository.Write(
                next, update.actor, now, sealed(update.id, update.change), update.key, answer);
        return repository
                .update(update.ticket, write, base.version(), update.change.changesKey(base))
                .flatMap(done -> done ? Uni.createFrom().item(Buffer.buffer(answer)) : again(update));
    }

    /** Deletes a config; fails with {@link Problem} 404, or 412 if {@code condition} does not allow its version. */
    public Uni<Deleted> delete(Caller caller, String id, IfMatch condition) {
        return repository
                .delete(caller.ticket(), id, caller.keyId(), condition)
                .invoke(outcome -> {
                    switch (outcome) {
                        case ABSENT -> throw unknown();
                        case OTHER_VERSION ->
                            throw Problem.preconditionFailed("The config is at another version.", "If-Match");
                        case DONE -> {}
                    }
                })
                .call(cache::refresh)
                .replaceWith(new Deleted(id, "llm_config.deleted"));
    }

    public static Problem unknown() {
        return Problem.notFound("There is no such LLM config.");
    }

    private byte @Nullable [] sealed(String id, ConfigChange change) {
        String secret = change.key();
        return secret == null ? null : sealing.seal(id, secret, "api_key");
    }

    private String json(LlmConfig config) {
        try {
            return json.writeValueAsString(config);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A config could not be written", e);
        }
    }

    /** PostgreSQL keeps microseconds; what it gives back must equal what was sent. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
