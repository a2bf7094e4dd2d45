package dev.holdfast.inbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.Deleted;
import dev.holdfast.http.JsonBody;
import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** {@code /admin/inbox/sources}: where messages may come from, for admin keys only. */
@Path("/admin/inbox/sources")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class SourceResource {

    private static final String PARAM = "secret";

    private final InstantSource clock = InstantSource.system();
    private final SourceRepository repository;
    private final SourceRing ring;
    private final Sealing sealing;

    SourceResource(SourceRepository repository, SourceRing ring, Sealing sealing) {
        this.repository = repository;
        this.ring = ring;
        this.sealing = sealing;
    }

    /** Makes a source; this answer is the only one that has its secret. */
    @POST
    public Uni<Source> create(@Context RoutingContext ctx) throws IOException {
        Source.Draft draft = JsonBody.read(ctx, Source.Draft.class);
        String secret = Signature.newSecret();
        byte[] sealed = sealing.seal(draft.id(), secret, PARAM);
        return repository
                .create(Caller.of(ctx).ticket(), draft, sealed, now())
                .map(source -> {
                    if (source == null) {
                        throw Problem.invalid("There is no such project.", "project");
                    }
                    return source.withSecret(secret);
                })
                .call(ring::refresh);
    }

    @GET
    public Uni<Page<Source>> list(@Context RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !Source.isId(page.after())) {
            throw Problem.invalid("'after' must be the id of a source.", "after");
        }
        return repository.list(Caller.of(ctx).ticket(), page).map(rows -> Page.of(rows, page, Source::id));
    }

    /** Gives it a new secret, which only this answer has; the one before stays valid until it is forgotten. */
    @POST
    @Path("/{source}/secret")
    public Uni<Source> rotate(@PathParam("source") String id, @Context RoutingContext ctx) {
        requireId(id);
        String secret = Signature.newSecret();
        byte[] sealed = sealing.seal(id, secret, PARAM);
        return repository
                .rotate(Caller.of(ctx).ticket(), id, sealed, now())
                .map(source -> found(source).withSecret(secret))
                .call(ring::refresh);
    }

    /** Ends a change of secrets: only the newest is valid from now on. */
    @DELETE
    @Path("/{source}/previous-secret")
    public Uni<Source> forgetPrevious(@PathParam("source") String id, @Context RoutingContext ctx) {
        requireId(id);
        return repository
                .forgetPrevious(Caller.of(ctx).ticket(), id)
                .map(SourceResource::found)
                .call(ring::refresh);
    }

    /** Removes a source; what it has sent is delivered all the same. */
    @DELETE
    @Path("/{source}")
    public Uni<Deleted> delete(@PathParam("source") String id, @Context RoutingContext ctx) {
        requireId(id);
        return repository
                .delete(Caller.of(ctx).ticket(), id)
                .invoke(deleted -> {
                    if (!deleted) {
                        throw unknown();
                    }
                })
                .call(ring::refresh)
                .replaceWith(new Deleted(id, "inbox.source.deleted"));
    }

    /**
     * What came of it.
     *
     * @param resealed how many sources' secrets are sealed with the primary key now
     * @param undecryptable how many have a secret that no key of the keyset opens; it stays as it is
     * @param complete whether the primary key has sealed all secrets. If not, others changed some meanwhile, and asking
     *     again mends it; or some are undecryptable
     */
    @JsonPropertyOrder({"object", "primary_key_id", "resealed", "undecryptable", "complete"})
    record Resealed(
            @JsonProperty("primary_key_id") long primaryKeyId, int resealed, int undecryptable, boolean complete) {

        @JsonProperty("object")
        String object() {
            return "inbox.source.reseal";
        }
    }

    /** Seals all secrets with the keyset's primary key. */
    @POST
    @Path("/reseal")
    public Uni<Resealed> reseal(@Context RoutingContext ctx) {
        Caller caller = Caller.of(ctx);
        return sealing.kept(PARAM)
                .flatMap(keyset -> reseal(caller.ticket(), keyset))
                .call(ring::refresh);
    }

    private Uni<Resealed> reseal(Ticket ticket, Keyset keyset) {
        return repository
                .reseal(ticket, keyset)
                .flatMap(done -> repository
                        .remaining(ticket, keyset)
                        .map(remaining -> new Resealed(
                                keyset.primaryId(),
                                done.sealed(),
                                done.undecryptable(),
                                done.undecryptable() == 0 && remaining == 0)));
    }

    private static void requireId(String id) {
        if (!Source.isId(id)) {
            throw unknown();
        }
    }

    private static Source found(@Nullable Source source) {
        if (source == null) {
            throw unknown();
        }
        return source;
    }

    static Problem unknown() {
        return Problem.notFound("There is no such source.");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
