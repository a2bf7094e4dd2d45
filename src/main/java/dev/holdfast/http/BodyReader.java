package dev.holdfast.http;

import dev.holdfast.db.Deadline;
import dev.holdfast.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads one request's body, up to a size and a moment; all on the request's event loop. */
final class BodyReader {

    private final RoutingContext ctx;
    private final HttpServerRequest request;
    private final int limit;
    private final Deadline deadline;
    private @Nullable Buffer body;
    private int announced;
    private long timer = -1;
    private boolean over;

    /** @param limit in bytes */
    BodyReader(RoutingContext ctx, int limit, Deadline deadline) {
        this.ctx = ctx;
        this.request = ctx.request();
        this.limit = limit;
        this.deadline = deadline;
    }

    void start() {
        if (announcedTooLarge()) {
            throw Problem.tooLarge(limit);
        }
        // A body that has said how long it is takes all of its bytes now: half a body is no use to anybody.
        announced = announcedLength();
        if (announced > 0) {
            HeldBytes.of(ctx).claim(ctx, announced);
        }
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos(System.nanoTime())));
        timer = ctx.vertx()
                .setTimer(
                        millis,
                        ignored -> fail(Problem.deadlineExceeded(
                                "The request body had not arrived by the request's deadline.")));
        // Quarkus resumes a request with its first handler unless told otherwise: an end already there would be lost.
        request.pause();
        request.handler(this::append);
        request.endHandler(ignored -> complete());
        // Bad chunks, or the client gone: nobody's bug, and nothing to put into the log.
        request.exceptionHandler(
                ignored -> fail(Problem.invalid("The request body could not be read to its end.", null)));
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            ctx.response().writeContinue();
        }
        request.resume();
    }

    private int announcedLength() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : Integer.parseInt(length);
    }

    private boolean announcedTooLarge() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The HTTP codec has checked that it is a number; ten digits are more than any limit.
        return length != null && (length.length() > 10 || Long.parseLong(length) > limit);
    }

    private void append(Buffer chunk) {
        if (over) {
            return;
        }
        int soFar = body == null ? 0 : body.length();
        if ((long) soFar + chunk.length() > limit) {
            fail(Problem.tooLarge(limit));
        } else if (announced == 0 && !claimed(chunk.length())) {
            return;
        } else if (body == null) {
            // Nearly every body comes in one piece, which then needs no copy.
            body = chunk;
        } else {
            body.appendBuffer(chunk);
        }
    }

    private boolean claimed(int more) {
        try {
            HeldBytes.of(ctx).claim(ctx, more);
            return true;
        } catch (Problem refusal) {
            fail(refusal);
            return false;
        }
    }

    private void complete() {
        if (finish()) {
            RoutingContextInternal internal = (RoutingContextInternal) ctx;
            internal.setBody(body);
            internal.visitHandler(RoutingContextInternal.BODY_HANDLER);
            ctx.next();
        }
    }

    private void fail(Throwable failure) {
        if (finish()) {
            body = null;
            ctx.fail(failure);
        }
    }

    private boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        ctx.vertx().cancelTimer(timer);
        return true;
    }
}
