package dev.holdfast.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.MDC;

/**
 * The id of a request: the client's {@code x-request-id} if it is sane, else one of ours. It is on the answer from the start,
 * and in the log context as {@code requestId}, so that {@code %X{requestId}} in a log format shows it on every line.
 */
@ApplicationScoped
public class RequestId {

    private static final String HEADER = "x-request-id";
    private static final String KEY = RequestId.class.getName();
    private static final int LONGEST = 128;

    void install(@Observes Filters filters) {
        filters.register(
                ctx -> {
                    of(ctx);
                    ctx.next();
                },
                FilterOrder.REQUEST_ID);
    }

    /** The id of this request; given to it now if it failed before it reached the filter. */
    public static String of(RoutingContext ctx) {
        String id = ctx.get(KEY);
        return id == null ? assign(ctx) : id;
    }

    private static String assign(RoutingContext ctx) {
        String sent = ctx.request().getHeader(HEADER);
        String id = sent != null && isSane(sent) ? sent : random();
        ctx.put(KEY, id);
        if (!ctx.response().headWritten()) {
            ctx.response().putHeader(HEADER, id);
        }
        // Vert.x gives each request a context of its own, which is where Quarkus keeps the MDC: nothing to clean up
        // after.
        MDC.put("requestId", id);
        return id;
    }

    static boolean isSane(String id) {
        if (id.isEmpty() || id.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean sane = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '.'
                    || c == '_'
                    || c == '-';
            if (!sane) {
                return false;
            }
        }
        return true;
    }

    /** Unique, but no secret: the fast source of randomness will do. */
    private static String random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        StringBuilder id = new StringBuilder(36).append("req_");
        appendHex(id, random.nextLong());
        appendHex(id, random.nextLong());
        return id.toString();
    }

    private static void appendHex(StringBuilder id, long bits) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            id.append(Character.forDigit((int) (bits >>> shift) & 0xf, 16));
        }
    }
}
