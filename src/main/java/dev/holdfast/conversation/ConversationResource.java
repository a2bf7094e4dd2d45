package dev.holdfast.conversation;

import dev.holdfast.db.DbException;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.HeldBytes;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.IdempotencyKey;
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
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /v1/conversations}. */
@Path("/v1/conversations")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class ConversationResource {

    private final InstantSource clock = InstantSource.system();
    private final ConversationRepository conversations;
    private final Parsing parsing;
    private final Appender appender;
    private final Idempotency idempotency;
    private final Purger purger;

    ConversationResource(
            ConversationRepository conversations,
            Parsing parsing,
            Appender appender,
            Idempotency idempotency,
            Purger purger) {
        this.conversations = conversations;
        this.parsing = parsing;
        this.appender = appender;
        this.idempotency = idempotency;
        this.purger = purger;
    }

    @POST
    public Uni<Buffer> create(@Context RoutingContext ctx) {
        Ticket ticket = Caller.of(ctx).ticket();
        Instant now = clock.instant();
        return parsing.readKeyed(ctx, body -> RequestBody.create(body, now.toEpochMilli()))
                .flatMap(read ->
                        idempotency.once(ticket, read.key(), () -> create(ticket, read.asked(), now, read.key())));
    }

    private Uni<Buffer> create(
            Ticket ticket, RequestBody.NewConversation asked, Instant now, @Nullable IdempotencyKey key) {
        String id = Ids.newConversationId(now.toEpochMilli());
        Buffer answer = Json.conversation(
                new ConversationRow(id, now.getEpochSecond(), asked.metadata().json(), asked.expiresAt()));
        Instant createdAt = now.truncatedTo(ChronoUnit.MILLIS);
        return appender.resolved(ticket, asked.items())
                .flatMap(items -> conversations.create(ticket, id, createdAt, asked, items, key, answer.toString()))
                .onFailure(ConversationResource::doneBefore)
                .recoverWithNull()
                .replaceWith(answer);
    }

    /** The id is ours and random: if it is there already, a sending that was lost has put it there. */
    private static boolean doneBefore(Throwable failure) {
        return failure instanceof DbException refusal && "conversations_pkey".equals(refusal.constraint());
    }

    @GET
    public Uni<Buffer> list(@Context RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !Ids.isConversationId(page.after())) {
            throw Problem.invalid("'after' must be the id of a conversation.", "after");
        }
        Map<String, String> filters = MetadataFilter.of(ctx.queryParams());
        return conversations
                .list(Caller.of(ctx).ticket(), page, filters)
                .map(rows -> HeldBytes.answer(ctx, Json.conversations(page.cut(rows), rows.size() > page.limit())));
    }

    @GET
    @Path("/{conversation}")
    public Uni<Buffer> get(@Context RoutingContext ctx, @PathParam("conversation") String id) {
        check(id);
        return conversations.get(Caller.of(ctx).ticket(), id).map(row -> found(row, id));
    }

    @POST
    @Path("/{conversation}")
    public Uni<Buffer> update(@Context RoutingContext ctx, @PathParam("conversation") String id) {
        check(id);
        Ticket ticket = Caller.of(ctx).ticket();
        return parsing.read(ctx, body -> RequestBody.update(body, clock.millis()))
                .flatMap(change -> conversations.update(ticket, id, change))
                .map(row -> found(row, id));
    }

    @DELETE
    @Path("/{conversation}")
    public Uni<Buffer> delete(@Context RoutingContext ctx, @PathParam("conversation") String id) {
        check(id);
        return conversations.delete(Caller.of(ctx).ticket(), id).map(deleted -> {
            if (!deleted) {
                throw unknown(id);
            }
            purger.wake();
            return Json.deleted(id);
        });
    }

    private static Buffer found(@Nullable ConversationRow row, String id) {
        if (row == null) {
            throw unknown(id);
        }
        return Json.conversation(row);
    }

    /** What can't be an id of ours can't be there: that takes no connection. */
    static void check(String conversation) {
        if (!Ids.isConversationId(conversation)) {
            throw unknown(conversation);
        }
    }

    static Problem unknown(String conversation) {
        return Problem.notFound("There is no conversation '" + Quoted.of(conversation) + "'.");
    }
}
