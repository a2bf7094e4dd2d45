package dev.holdfast.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * What happens to the rest of a body whose request is already answered. Closing at once would reset the connection, and the
 * client, still sending, would never read the answer: so the rest is thrown away as it comes, for a while, and only then is
 * the connection closed (RFC 9112, section 9.6). A small rest costs less than a new connection: there it stays open.
 */
public final class UnreadBody {

    private static final long LINGER_MILLIS = 5_000;
    private static final int SMALL = 64 * 1024;

    private UnreadBody() {}

    /** Whether this request says that it has a body. */
    static boolean expected(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** Throws away what is still to come. Call it before the answer is sent. */
    public static void discard(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        request.resume();
        if (request.isEnded() || !expected(request)) {
            return;
        }
        boolean keep = isSmall(request);
        if (!keep) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        HttpConnection connection = request.connection();
        long timer = ctx.vertx().setTimer(LINGER_MILLIS, ignored -> connection.close());
        request.handler(ignored -> {});
        request.exceptionHandler(ignored -> ctx.vertx().cancelTimer(timer));
        request.endHandler(ignored -> {
            ctx.vertx().cancelTimer(timer);
            if (!keep) {
                connection.close();
            }
        });
    }

    /** A client that waits for a 100 may never send its body: what comes next could be taken for it. */
    private static boolean isSmall(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return !request.headers().contains(HttpHeaders.EXPECT)
                && length != null
                && length.length() <= 5
                && Integer.parseInt(length) <= SMALL;
    }
}
