package dev.holdfast.identity;

import dev.holdfast.db.Ticket;
import dev.holdfast.http.Deleted;
import dev.holdfast.http.IfMatch;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** {@code /v1/users/{external_id}/settings}: what an application knows of its users. */
@Path("/v1/users/{external_id}/settings")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class UserSettingsResource {

    private final InstantSource clock = InstantSource.system();
    private final UserSettingsRepository repository;

    UserSettingsResource(UserSettingsRepository repository) {
        this.repository = repository;
    }

    /** Sets all of a user's settings; with {@code If-Match} only those that are there in such a version, else 412. */
    @PUT
    public Uni<Response> put(@PathParam("external_id") String user, @Context RoutingContext ctx) {
        ExternalId.checked(user);
        IfMatch condition = IfMatch.of(ctx);
        Buffer body = ctx.body().buffer();
        UserSettings.Draft draft = UserSettings.Draft.read(body == null ? new byte[0] : body.getBytes());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Ticket ticket = Caller.of(ctx).ticket();
        if (!IfMatch.isOn(ctx)) {
            return repository.put(ticket, user, draft, now).map(UserSettingsResource::tagged);
        }
        return repository.change(ticket, user, draft, now, condition).map(changed -> {
            if (changed == null) {
                throw otherVersion();
            }
            return tagged(changed);
        });
    }

    @GET
    public Uni<Response> get(@PathParam("external_id") String user, @Context RoutingContext ctx) {
        ExternalId.checked(user);
        return repository.get(Caller.of(ctx).ticket(), user).map(found -> {
            if (found == null) {
                throw unknown();
            }
            return IfMatch.isKnown(ctx, found.version())
                    ? Response.notModified()
                            .header(HttpHeaders.ETAG, IfMatch.tag(found.version()))
                            .build()
                    : tagged(found);
        });
    }

    @DELETE
    public Uni<Deleted> delete(@PathParam("external_id") String user, @Context RoutingContext ctx) {
        ExternalId.checked(user);
        IfMatch condition = IfMatch.of(ctx);
        return repository.delete(Caller.of(ctx).ticket(), user, condition).map(deleted -> {
            if (!deleted) {
                throw IfMatch.isOn(ctx) ? otherVersion() : unknown();
            }
            return new Deleted(user, "user.settings.deleted");
        });
    }

    private static Response tagged(UserSettings settings) {
        return Response.ok(settings)
                .header(HttpHeaders.ETAG, IfMatch.tag(settings.version()))
                .build();
    }

    private static Problem otherVersion() {
        return Problem.preconditionFailed("The user's settings are at another version, or there are none.", "If-Match");
    }

    private static Problem unknown() {
        return Problem.notFound("There are no settings of this user.");
    }
}
