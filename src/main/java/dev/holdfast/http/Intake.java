package dev.holdfast.http;

import dev.holdfast.db.Deadline;
import dev.holdfast.problem.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sets a request's deadline and reads its body, so that a resource starts with all of it at hand:
 * {@code ctx.body().buffer()}, null where there was none. A JAX-RS parameter for the body finds it there too, at the price of
 * a copy. HTTP/1.1 only: over HTTP/2 Quarkus REST pauses each request, which Vert.x refuses once its body was read.
 */
@ApplicationScoped
public class Intake {

    private static final String DEADLINE = Deadline.class.getName();
    private static final String TIMEOUT_HEADER = "X-Request-Timeout-Ms";

    private static final String SHARE = Intake.class.getName();
    private static final String LIMIT = Intake.class.getName() + ".limit";

    private final HttpLimits limits;
    private final ByteBudget budget;

    Intake(HttpConfig config) {
        this.limits = HttpLimits.of(config);
        this.budget = new ByteBudget(limits.maxHeldBytes(), limits.maxHeldBytes() / 2);
    }

    /** Says whose part of the budget of bytes this request's are; to be called before its body is read. */
    public static void countFor(RoutingContext ctx, String project) {
        ctx.put(SHARE, project);
    }

    /** Says that this request's body is to be smaller than others; to be called before it is read. {@code bytes} at most. */
    public static void limitBody(RoutingContext ctx, int bytes) {
        ctx.put(LIMIT, bytes);
    }

    void install(@Observes Filters filters) {
        filters.register(this::admit, FilterOrder.INTAKE);
    }

    /** By when this request must have been answered; only where the filters have let it through. */
    public static Deadline deadline(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.<Deadline>get(DEADLINE), "the request has not been let through");
    }

    /** Bytes of bodies and answers that this replica holds now. */
    public long heldBytes() {
        return budget.held();
    }

    private void admit(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        Deadline deadline = Deadline.in(timeout(request.getHeader(TIMEOUT_HEADER), limits.requestTimeout()));
        ctx.put(DEADLINE, deadline);
        HeldBytes.begin(ctx, budget, ctx.get(SHARE, ""), limits.requestTimeout().toMillis());
        if (request.isEnded() || !UnreadBody.expected(request)) {
            ctx.next();
            return;
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Problem.unsupportedMedia(
                    "A request body must be sent without a content encoding.", "Content-Encoding");
        }
        new BodyReader(ctx, Math.min(limits.maxBody(), ctx.get(LIMIT, limits.maxBody())), deadline).start();
    }

    static Duration timeout(@Nullable String header, Duration longest) {
        if (header == null) {
            return longest;
        }
        // Nine digits are 11 days: more than any limit, and safely an int.
        if (!header.matches("[0-9]{1,9}") || Integer.parseInt(header) == 0) {
            throw Problem.invalid(TIMEOUT_HEADER + " must be a positive whole number of milliseconds.", TIMEOUT_HEADER);
        }
        Duration asked = Duration.ofMillis(Integer.parseInt(header));
        return asked.compareTo(longest) < 0 ? asked : longest;
    }
}
