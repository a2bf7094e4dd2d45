package dev.holdfast.inbox;

import dev.holdfast.http.FilterOrder;
import dev.holdfast.http.Intake;
import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.Objects;

/**
 * Turns away, before a byte of its body is read, what can't be a message: one from nowhere, too old, or too large. Whether a
 * signature is right is known only with the body: the resource checks it.
 */
@ApplicationScoped
class SignatureFilter {

    private static final String KEY = Signature.class.getName();
    private static final String ROOT = "/v1/inbox/";

    private final InstantSource clock = InstantSource.system();
    private final SourceRing sources;
    private final int maxBody;

    SignatureFilter(SourceRing sources, InboxConfig config) {
        InboxConfig.check(config);
        this.sources = sources;
        this.maxBody = config.maxBody().asBigInteger().intValueExact();
    }

    void install(@Observes Filters filters) {
        filters.register(
                ctx -> {
                    if (ctx.normalizedPath().startsWith(ROOT)) {
                        Intake.limitBody(ctx, maxBody);
                        if (!Caller.hasKey(ctx)) {
                            ctx.put(KEY, signature(ctx));
                        }
                    }
                    ctx.next();
                },
                FilterOrder.SIGNATURE);
    }

    private Signature signature(RoutingContext ctx) {
        if (sources.find(ctx.normalizedPath().substring(ROOT.length())) == null) {
            throw wrong();
        }
        return Signature.of(ctx.request().headers(), clock.instant().getEpochSecond());
    }

    /** Of a request without a key. */
    static Signature of(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.<Signature>get(KEY), "the request has a key");
    }

    /** Nobody without a secret learns which sources there are. */
    static Problem wrong() {
        return Problem.unauthenticated("The signature is not one of this message by a secret of this source.");
    }
}
