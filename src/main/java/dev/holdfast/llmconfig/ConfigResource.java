package dev.holdfast.llmconfig;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.Deleted;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.IfMatch;
import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import dev.holdfast.identity.Caller;
import dev.holdfast.llmconfig.probe.ProbeResult;
import dev.holdfast.llmconfig.probe.ProviderProbe;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/** {@code /admin/llm-configs}, for admin keys only. */
@Path("/admin/llm-configs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ConfigResource {

    /** How long PostgreSQL is asked before an old answer is given. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final ConfigCache cache;
    private final ConfigRepository repository;
    private final ConfigHistory history;
    private final ConfigWriter writer;
    private final Resealer resealer;
    private final ProviderProbe probe;
    private final ObjectMapper json;

    ConfigResource(
            ConfigCache cache,
            ConfigRepository repository,
            ConfigHistory history,
            ConfigWriter writer,
            Resealer resealer,
            ProviderProbe probe,
            ObjectMapper json) {
        this.cache = cache;
        this.repository = repository;
        this.history = history;
        this.writer = writer;
        this.resealer = resealer;
        this.probe = probe;
        this.json = json;
    }

    /** Lists configs in the order of their ids, a hundred where no limit is given, from memory: it takes no connection. */
    @GET
    public Uni<Response> list(@Context RoutingContext ctx) {
        PageRequest page = page(ctx);
        ConfigFilter filter = ConfigFilter.of(ctx.queryParams());
        ConfigCache.View view = cache.required();
        return Uni.createFrom().item(Stale.mark(Response.ok(view.snapshot().page(page, filter)), view));
    }

    @POST
    public Uni<Response> create(@Context RoutingContext ctx) {
        IdempotencyKey key = IdempotencyKey.of(ctx);
        ConfigChange change = ConfigBody.read(ctx);
        return writer.create(Caller.of(ctx), change, key).map(this::tagged);
    }

    /**
     * One config: from memory while that is known to be current, else, or where the client wants no cache, from PostgreSQL;
     * while that is away what was known last, marked as stale.
     */
    @GET
    @Path("/{config}")
    public Uni<Response> get(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        Optional<ConfigCache.View> view = cache.view();
        LlmConfig known = view.map(v -> v.snapshot().get(id)).orElse(null);
        if (known == null) {
            return stored(ctx, id, Caller.of(ctx).ticket());
        }
        ConfigCache.View last = view.get();
        if (last.fresh() && !wantsNoCache(ctx)) {
            return Uni.createFrom().item(one(ctx, known).build());
        }
        return stored(ctx, id, Caller.of(ctx).ticket().within(PATIENCE))
                .onFailure(ConfigResource::isNoAnswer)
                .recoverWithItem(() -> Stale.mark(one(ctx, known), last));
    }

    private Uni<Response> stored(RoutingContext ctx, String id, Ticket ticket) {
        return repository.find(ticket, id).map(found -> {
            if (found == null) {
                throw ConfigWriter.unknown();
            }
            return one(ctx, found).build();
        });
    }

    private static boolean isNoAnswer(Throwable failure) {
        return failure instanceof DbException e && e.kind() != DbException.Kind.INTERNAL;
    }

    @PATCH
    @Path("/{config}")
    public Uni<Response> update(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        IfMatch condition = IfMatch.of(ctx);
        ConfigChange change = ConfigBody.read(ctx);
        return writer.update(Caller.of(ctx), id, change, condition, null).map(this::tagged);
    }

    @DELETE
    @Path("/{config}")
    public Uni<Deleted> delete(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        return writer.delete(Caller.of(ctx), id, IfMatch.of(ctx));
    }

    /** Makes a config the default, and the one that was it no more. */
    @POST
    @Path("/{config}/default")
    public Uni<Response> makeDefault(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        IdempotencyKey key = IdempotencyKey.of(ctx);
        IfMatch condition = IfMatch.of(ctx);
        return writer.update(Caller.of(ctx), id, ConfigChange.toDefault(), condition, key)
                .map(this::tagged);
    }

    /** Asks the provider for its models, with the config's key. The connection has gone back before that begins. */
    @POST
    @Path("/{config}/test")
    public Uni<ProbeResult> test(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        Caller caller = Caller.of(ctx);
        return repository.target(caller.ticket(), id).flatMap(target -> {
            if (target == null) {
                throw ConfigWriter.unknown();
            }
            return probe.test(target, caller.deadline());
        });
    }

    /** Lists what became of a config, by version; of a deleted one too. */
    @GET
    @Path("/{config}/history")
    public Uni<Page<ConfigHistory.Entry>> history(@Context RoutingContext ctx, @PathParam("config") String id) {
        requireId(id);
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !page.after().matches("[0-9]{1,18}")) {
            throw Problem.invalid("'after' must be the id of an entry: a version.", "after");
        }
        return history.list(Caller.of(ctx).ticket(), id, page).map(rows -> {
            if (rows.isEmpty() && page.after() == null) {
                throw ConfigWriter.unknown();
            }
            return Page.of(rows, page, ConfigHistory.Entry::id);
        });
    }

    /** Seals all keys with the keyset's primary key. */
    @POST
    @Path("/reseal")
    public Uni<Resealer.Outcome> reseal(@Context RoutingContext ctx) {
        return resealer.reseal(Caller.of(ctx));
    }

    private static PageRequest page(RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams(), PageRequest.MOST);
        if (page.after() != null && !LlmConfig.isId(page.after())) {
            throw Problem.invalid("'after' must be the id of a config.", "after");
        }
        return page;
    }

    /** What can't be an id of ours can't be there: that takes no connection. */
    private static void requireId(String id) {
        if (!LlmConfig.isId(id)) {
            throw ConfigWriter.unknown();
        }
    }

    private static boolean wantsNoCache(RoutingContext ctx) {
        String wish = ctx.request().getHeader(HttpHeaders.CACHE_CONTROL);
        return wish != null && wish.contains("no-cache");
    }

    private static Response.ResponseBuilder one(RoutingContext ctx, LlmConfig config) {
        Response.ResponseBuilder response =
                IfMatch.isKnown(ctx, config.version()) ? Response.notModified() : Response.ok(config);
        return response.header(HttpHeaders.ETAG, IfMatch.tag(config.version()));
    }

    /** An answer that may be the stored one of an earlier request has its version nowhere but in itself. */
    private Response tagged(Buffer answer) {
        try {
            long version = json.readTree(answer.getBytes()).get("version").longValue();
            return Response.ok(answer)
                    .header(HttpHeaders.ETAG, IfMatch.tag(version))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
