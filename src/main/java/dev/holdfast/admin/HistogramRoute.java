package dev.holdfast.admin;

import dev.holdfast.db.Database;
import dev.holdfast.http.RequestTimes;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Histograms beside SmallRye's metrics: MicroProfile Metrics has none whose buckets add up over replicas. */
@ApplicationScoped
class HistogramRoute {

    private static final String PATH = "/q/metrics/histograms";
    private static final String ACQUIRE = "holdfast_acquire_wait_seconds";
    private static final String USAGE = "holdfast_connection_usage_seconds";
    private static final String REQUEST = "holdfast_http_request_seconds";

    private final Database database;
    private final RequestTimes requests;

    HistogramRoute(Database database, RequestTimes requests) {
        this.database = database;
        this.requests = requests;
    }

    void install(@Observes ManagementInterface management) {
        // Before SmallRye's own route, which takes whatever is under /q/metrics for the name of a scope.
        management.router().get(PATH).order(-1).handler(this::answer);
    }

    private void answer(RoutingContext ctx) {
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, HistogramText.CONTENT_TYPE)
                .end(text());
    }

    private String text() {
        HistogramText text = new HistogramText()
                .family(ACQUIRE, "Wait for a connection, of requests that got one")
                .series(ACQUIRE, database.acquireBuckets())
                .family(USAGE, "From a connection's lease to its return")
                .series(USAGE, database.usageBuckets())
                .family(REQUEST, "From a request's arrival to the end of its answer");
        for (RequestTimes.View view : requests.views()) {
            text.series(
                    REQUEST, view.times(), "method", view.method(), "route", view.route(), "outcome", view.outcome());
        }
        return text.toString();
    }
}
