package dev.holdfast.http;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.holdfast.problem.Answer;
import dev.holdfast.problem.ProblemMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jspecify.annotations.Nullable;

/**
 * Takes every failure of a request, wherever it shows, to {@link ProblemMapper} and its answer to the client. Two kinds never
 * get here: what the HTTP codec can't parse or finds too long (a bare 400, 414 or 431 and the end of the connection), and
 * targets that are no URI, unless the process runs with {@code -Dvertx.disableURIValidation=true}.
 */
@ApplicationScoped
public class Failures {

    /** What a router can fail with by itself, without a failure that a failure handler would see. */
    private static final int[] ROUTER_STATUSES = {400, 404, 405, 406, 413, 415, 500};

    void install(@Observes Router router) {
        router.route().order(Integer.MAX_VALUE - 1).failureHandler(ctx -> answer(ctx, ctx.failure(), ctx.statusCode()));
        for (int status : ROUTER_STATUSES) {
            router.errorHandler(status, ctx -> answer(ctx, ctx.failure(), status));
        }
    }

    /** Quarkus REST brings a mapper of its own for mismatched JSON, which only a mapper for that very class displaces. */
    @ServerExceptionMapper({Throwable.class, MismatchedInputException.class})
    Response toResponse(Throwable failure, RoutingContext ctx) {
        Answer answer = ProblemMapper.map(failure, 0, RequestId.of(ctx), IdempotencyKey.isOn(ctx));
        Response.ResponseBuilder response = Response.status(answer.status()).entity(answer.body());
        answer.headers().forEach(response::header);
        if (failure instanceof NotAllowedException && !answer.headers().containsKey(HttpHeaders.ALLOW)) {
            response.header(HttpHeaders.ALLOW, AllowedMethods.of(CurrentRequestManager.get()));
        }
        return response.build();
    }

    private static void answer(RoutingContext ctx, @Nullable Throwable failure, int status) {
        HttpServerResponse response = ctx.response();
        Answer answer = ProblemMapper.map(failure, status, RequestId.of(ctx), IdempotencyKey.isOn(ctx));
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            // Half an answer must not look like a whole one.
            response.reset();
            return;
        }
        response.setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        UnreadBody.discard(ctx);
        response.end(Buffer.buffer(answer.body()));
    }
}
