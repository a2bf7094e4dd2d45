package dev.holdfast.memory;

import dev.holdfast.http.HeldBytes;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.JsonBody;
import dev.holdfast.http.PageRequest;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /v1/contexts}: what agents remember, for those who have no MCP. */
@Path("/v1/contexts")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class ContextResource {

    private final Contexts contexts;
    private final ContextRepository repository;
    private final ContextSearch search;
    private final Idempotency idempotency;

    ContextResource(Contexts contexts, ContextRepository repository, ContextSearch search, Idempotency idempotency) {
        this.contexts = contexts;
        this.repository = repository;
        this.search = search;
        this.idempotency = idempotency;
    }

    /** Topics in the order of their names; or, with {@code query}, those that match it, the best first. */
    @GET
    public Uni<Buffer> list(@Context RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams());
        String query = parameter(ctx, "query");
        String tag = parameter(ctx, "tag");
        String priority = parameter(ctx, "priority");
        Caller caller = Caller.of(ctx);
        if (query != null) {
            if (tag != null || priority != null || page.after() != null) {
                throw Problem.invalid("'query' goes with 'limit' alone.", "query");
            }
            return contexts.search(caller.ticket(), query, page.limit()).map(found -> list(ctx, page, found));
        }
        if (page.after() != null) {
            Names.topic(page.after());
        }
        return search.list(caller.ticket(), page, ContextTools.tag(tag), ContextTools.priority(priority))
                .map(found -> list(ctx, page, found));
    }

    @POST
    public Uni<Buffer> lock(@Context RoutingContext ctx) throws IOException {
        @SuppressWarnings("unchecked")
        Map<String, ?> body = JsonBody.read(ctx, Map.class);
        NewContext context = NewContext.of(new Arguments(body, NewContext.ARGUMENTS));
        IdempotencyKey key = IdempotencyKey.of(ctx);
        Caller caller = Caller.of(ctx);
        return idempotency.once(
                caller.ticket(),
                key,
                () -> repository
                        .lock(caller.ticket(), caller.keyId(), context, key)
                        .map(Buffer::buffer));
    }

    @GET
    @Path("/{topic:.+}")
    public Uni<Response> recall(
            @Context RoutingContext ctx, @Context Request request, @PathParam("topic") String topic) {
        String version = parameter(ctx, "version", Version.LATEST);
        boolean whole = !flag(ctx, "preview_only", false);
        return contexts.recall(Caller.of(ctx).ticket(), topic, version, whole).map(found -> {
            Buffer answer = found.toBuffer();
            EntityTag tag =
                    new EntityTag(UUID.nameUUIDFromBytes(answer.getBytes()).toString());
            Response.ResponseBuilder known = request.evaluatePreconditions(tag);
            return (known != null ? known : Response.ok(HeldBytes.answer(ctx, answer)))
                    .tag(tag)
                    .build();
        });
    }

    @DELETE
    @Path("/{topic:.+}")
    public Uni<Buffer> unlock(@Context RoutingContext ctx, @PathParam("topic") String topic) {
        String version = parameter(ctx, "version");
        if (version == null) {
            throw Problem.invalid("'version' is needed: one such as '1.0', or 'all'.", "version");
        }
        boolean force = flag(ctx, "force", false);
        boolean archive = flag(ctx, "archive", true);
        return contexts.unlock(Caller.of(ctx).ticket(), topic, version, force, archive)
                .map(JsonObject::toBuffer);
    }

    private static Buffer list(RoutingContext ctx, PageRequest page, List<JsonObject> found) {
        List<JsonObject> data = page.cut(found);
        boolean some = !data.isEmpty();
        JsonObject list = new JsonObject()
                .put("object", "list")
                .put("data", new JsonArray(data))
                .put("first_id", some ? data.get(0).getString("topic") : null)
                .put("last_id", some ? data.get(data.size() - 1).getString("topic") : null)
                .put("has_more", found.size() > data.size());
        return HeldBytes.answer(ctx, list.toBuffer());
    }

    private static @Nullable String parameter(RoutingContext ctx, String name) {
        MultiMap query = ctx.queryParams();
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid("'" + name + "' must be given once.", name);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private static String parameter(RoutingContext ctx, String name, String otherwise) {
        String value = parameter(ctx, name);
        return value == null ? otherwise : value;
    }

    private static boolean flag(RoutingContext ctx, String name, boolean otherwise) {
        String value = parameter(ctx, name, String.valueOf(otherwise));
        if (!value.equals("true") && !value.equals("false")) {
            throw Problem.invalid("'" + name + "' must be true or false.", name);
        }
        return value.equals("true");
    }
}
