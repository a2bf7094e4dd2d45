package dev.holdfast.inbox;

import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.SortableId;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /admin/inbox}: what waits, what was delivered and what was set aside, for admin keys only. */
@Path("/admin/inbox")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class MessageResource {

    private static final Set<String> STATES = Set.of("waiting", "done", "dead");

    private final MessageRepository repository;
    private final Workers workers;

    MessageResource(MessageRepository repository, Workers workers) {
        this.repository = repository;
        this.workers = workers;
    }

    /** Lists messages in the order of their acceptance, without what they say. */
    @GET
    public Uni<Page<StoredMessage>> list(@Context RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !isId(page.after())) {
            throw Problem.invalid("'after' must be the id of a message.", "after");
        }
        String state = single(ctx, "state");
        if (state != null && !STATES.contains(state)) {
            throw Problem.invalid("'state' must be 'waiting', 'done' or 'dead'.", "state");
        }
        String source = single(ctx, "source");
        if (source != null && !Source.isId(source)) {
            throw Problem.invalid("'source' must be the id of a source.", "source");
        }
        return repository
                .list(Caller.of(ctx).ticket(), page, state, source)
                .map(rows -> Page.of(rows, page, StoredMessage::id));
    }

    @GET
    @Path("/{message}")
    public Uni<StoredMessage> get(@PathParam("message") String id, @Context RoutingContext ctx) {
        requireId(id);
        return repository.get(Caller.of(ctx).ticket(), id).map(MessageResource::found);
    }

    /** Has a message that was set aside delivered after all, behind what its sender has sent since. */
    @POST
    @Path("/{message}/retry")
    public Uni<StoredMessage> retry(@PathParam("message") String id, @Context RoutingContext ctx) {
        requireId(id);
        Caller caller = Caller.of(ctx);
        return repository
                .retry(caller.ticket(), id)
                .flatMap(retried -> repository.get(caller.ticket(), id).map(message -> {
                    StoredMessage found = found(message);
                    if (!retried) {
                        throw Problem.conflict("Only a message that was set aside can be retried.", "message");
                    }
                    return found;
                }))
                .invoke(workers::wake);
    }

    private static @Nullable String single(RoutingContext ctx, String name) {
        List<String> values = ctx.queryParams().getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid("'" + name + "' must be given once.", name);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private static boolean isId(String id) {
        return SortableId.is(InboxResource.ID_PREFIX, id);
    }

    private static void requireId(String id) {
        if (!isId(id)) {
            throw unknown();
        }
    }

    private static StoredMessage found(@Nullable StoredMessage message) {
        if (message == null) {
            throw unknown();
        }
        return message;
    }

    private static Problem unknown() {
        return Problem.notFound("There is no such message.");
    }
}
