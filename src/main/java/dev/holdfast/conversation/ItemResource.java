package dev.holdfast.conversation;

import dev.holdfast.db.Ticket;
import dev.holdfast.http.HeldBytes;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.Parsing;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
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
import java.time.InstantSource;
import java.util.stream.Stream;

/**
 * {@code /v1/conversations/{id}/items}. Of the parameter {@code include} only {@code holdfast.settings} changes anything: what
 * OpenAI's clients could ask for is always included.
 */
@Path("/v1/conversations/{conversation}/items")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class ItemResource {

    private final InstantSource clock = InstantSource.system();
    private final ItemRepository items;
    private final Parsing parsing;
    private final Appender appender;
    private final Idempotency idempotency;

    ItemResource(ItemRepository items, Parsing parsing, Appender appender, Idempotency idempotency) {
        this.items = items;
        this.parsing = parsing;
        this.appender = appender;
        this.idempotency = idempotency;
    }

    @POST
    public Uni<Buffer> append(@Context RoutingContext ctx, @PathParam("conversation") String conversation) {
        ConversationResource.check(conversation);
        Ticket ticket = Caller.of(ctx).ticket();
        return parsing.readKeyed(ctx, body -> RequestBody.append(body, clock.millis()))
                .flatMap(read -> idempotency.once(
                        ticket, read.key(), () -> appender.append(ticket, conversation, read.asked(), read.key())))
                .map(answer -> HeldBytes.written(ctx, answer));
    }

    @GET
    public Uni<Buffer> list(@Context RoutingContext ctx, @PathParam("conversation") String conversation) {
        ConversationResource.check(conversation);
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !Ids.isItemId(page.after())) {
            throw badCursor();
        }
        Ticket ticket = Caller.of(ctx).ticket();
        return items.list(ticket, conversation, page, wantsSettings(ctx)).flatMap(found -> {
            if (found == null) {
                throw ConversationResource.unknown(conversation);
            }
            Uni<Buffer> answer = Uni.createFrom().item(HeldBytes.answer(ctx, Json.items(found)));
            return found.isEmpty() && page.after() != null
                    ? known(ticket, conversation, page.after()).replaceWith(answer)
                    : answer;
        });
    }

    /** An empty page is one behind the last item, or behind none. */
    private Uni<?> known(Ticket ticket, String conversation, String cursor) {
        return items.isIn(ticket, conversation, cursor).invoke(there -> {
            if (!there) {
                throw badCursor();
            }
        });
    }

    @GET
    @Path("/{item}")
    public Uni<Buffer> get(
            @Context RoutingContext ctx,
            @PathParam("conversation") String conversation,
            @PathParam("item") String item) {
        check(conversation, item);
        return items.get(Caller.of(ctx).ticket(), conversation, item, wantsSettings(ctx))
                .map(row -> {
                    if (row == null) {
                        throw unknown(conversation, item);
                    }
                    return HeldBytes.answer(ctx, Json.item(row));
                });
    }

    @DELETE
    @Path("/{item}")
    public Uni<Buffer> delete(
            @Context RoutingContext ctx,
            @PathParam("conversation") String conversation,
            @PathParam("item") String item) {
        check(conversation, item);
        return items.delete(Caller.of(ctx).ticket(), conversation, item).map(row -> {
            if (row == null) {
                throw unknown(conversation, item);
            }
            return Json.conversation(row);
        });
    }

    private static boolean wantsSettings(RoutingContext ctx) {
        return Stream.of("include", "include[]")
                .anyMatch(name -> ctx.queryParams().getAll(name).contains("holdfast.settings"));
    }

    private static void check(String conversation, String item) {
        if (!Ids.isConversationId(conversation) || !Ids.isItemId(item)) {
            throw unknown(conversation, item);
        }
    }

    private static Problem unknown(String conversation, String item) {
        return Problem.notFound(
                "There is no item '" + Quoted.of(item) + "' in a conversation '" + Quoted.of(conversation) + "'.");
    }

    private static Problem badCursor() {
        return Problem.invalid("'after' must be the id of an item of this conversation.", "after");
    }
}
