package dev.holdfast.http;

import dev.holdfast.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** What the tests of the plumbing call. */
@Singleton
@Path("/v1/test-plumbing")
@Produces("application/json")
@Consumes("application/json")
public class PlumbingResource {

    static final AtomicInteger STARTED = new AtomicInteger();
    static final AtomicInteger CANCELLED = new AtomicInteger();
    static final AtomicInteger POSTED = new AtomicInteger();

    /** How many requests have come to {@code /never}. */
    public static int started() {
        return STARTED.get();
    }

    public record Named(String name, int size) {}

    @GET
    public Map<String, Object> caller(@jakarta.ws.rs.core.Context RoutingContext ctx) {
        Caller caller = Caller.of(ctx);
        return Map.of(
                "project", caller.project(),
                "admin", caller.admin(),
                "request_id", caller.requestId(),
                "millis", caller.ticket().deadline().remainingNanos(System.nanoTime()) / 1_000_000);
    }

    @POST
    public Uni<String> length(@jakarta.ws.rs.core.Context RoutingContext ctx) {
        POSTED.incrementAndGet();
        int length = ctx.body().buffer() == null ? -1 : ctx.body().buffer().length();
        return Uni.createFrom().item("{\"length\":" + length + "}");
    }

    @POST
    @Path("/bytes")
    public Uni<String> bytes(byte[] body) {
        return Uni.createFrom().item("{\"length\":" + body.length + "}");
    }

    @POST
    @Path("/bound")
    public Named bound(Named named) {
        return named;
    }

    @POST
    @Path("/strict")
    public Named strict(@jakarta.ws.rs.core.Context RoutingContext ctx) throws java.io.IOException {
        return JsonBody.read(ctx, Named.class);
    }

    @GET
    @Path("/never")
    public Uni<String> never() {
        STARTED.incrementAndGet();
        return Uni.createFrom().<String>emitter(e -> {}).onCancellation().invoke(CANCELLED::incrementAndGet);
    }

    @GET
    @Path("/bug")
    public Uni<String> bug() {
        return Uni.createFrom().failure(new IllegalStateException("secret detail"));
    }

    @GET
    @Path("/thrown")
    public Uni<String> thrown() {
        throw new IllegalStateException("secret detail");
    }

    @GET
    @Path("/number")
    public String number(@QueryParam("n") int n) {
        return Integer.toString(n);
    }

    /** Logs before and after a hop over the same context, with what the log context says then. */
    @GET
    @Path("/log")
    public Uni<String> log() {
        Logger log = Logger.getLogger(PlumbingResource.class);
        log.infof("first %s", MDC.get("requestId"));
        Context context = Vertx.currentContext();
        return Uni.createFrom()
                .emitter(e -> context.owner().setTimer(5, t -> {
                    log.infof("second %s", MDC.get("requestId"));
                    e.complete("{\"request_id\":\"" + MDC.get("requestId") + "\"}");
                }));
    }
}
