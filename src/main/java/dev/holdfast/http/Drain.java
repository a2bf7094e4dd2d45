package dev.holdfast.http;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Between the order to stop and the end of service, when readiness is DOWN already: each answer closes its connection, so
 * that clients that keep theirs alive find another replica before this one is gone.
 */
@ApplicationScoped
class Drain {

    private volatile boolean draining;

    void begin(@Observes ShutdownDelayInitiatedEvent event) {
        draining = true;
    }

    void install(@Observes Filters filters) {
        filters.register(
                ctx -> {
                    if (draining) {
                        ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                        ctx.addEndHandler(end -> ctx.request().connection().close());
                    }
                    ctx.next();
                },
                FilterOrder.DRAIN);
    }
}
