package dev.holdfast.identity;

import dev.holdfast.db.Deadline;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.Intake;
import dev.holdfast.http.RequestId;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/**
 * Who asks, and until when an answer is of use. A resource method takes {@code @Context RoutingContext ctx}, which Quarkus
 * REST hands over without CDI, and calls {@link #of}: a look-up in a map and one allocation, where a request-scoped bean
 * would cost a proxy and a context of its own.
 *
 * @param project whose rows are read and written; {@code default} on {@code /admin}
 * @param keyId for logs; never the key
 * @param admin whether by an admin key
 * @param share whose part of the pool the request's work is: the project's, or the administrators' on {@code /admin}
 * @param requestId as in {@code x-request-id}
 */
public record Caller(String project, String keyId, boolean admin, String share, String requestId, Deadline deadline) {

    /** No project can have this name. */
    private static final String ADMINISTRATORS = "(admin)";

    /** What a request brings that is signed instead of having a key. */
    public static final String SIGNATURE_HEADER = "webhook-signature";

    /**
     * The caller of a request under {@code /v1} or {@code /admin}.
     *
     * @throws NullPointerException on paths that are open to everybody: there is no caller there
     */
    public static Caller of(RoutingContext ctx) {
        Principal principal =
                Objects.requireNonNull(ctx.<Principal>get(Authentication.KEY), "nobody needs to be known");
        String path = ctx.request().path();
        return new Caller(
                principal.project(),
                principal.keyId(),
                principal.admin(),
                path != null && path.startsWith("/admin") ? ADMINISTRATORS : principal.project(),
                RequestId.of(ctx),
                Intake.deadline(ctx));
    }

    /** Whether this request came with a key; a signed one did not. */
    public static boolean hasKey(RoutingContext ctx) {
        return ctx.<Principal>get(Authentication.KEY) != null;
    }

    /**
     * The caller of a request whose signature has been checked.
     *
     * @param project whose secret it was signed with
     * @param keyId what to call the secret in logs
     */
    public static Caller signed(RoutingContext ctx, String project, String keyId) {
        return new Caller(project, keyId, false, project, RequestId.of(ctx), Intake.deadline(ctx));
    }

    /** What the database needs to know of this request. */
    public Ticket ticket() {
        return new Ticket(project, share, deadline);
    }
}
