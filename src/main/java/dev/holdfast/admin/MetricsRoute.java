package dev.holdfast.admin;

import dev.holdfast.db.Database;
import dev.holdfast.http.RequestTimes;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;

/**
 * The page of all metrics, and the histograms by themselves: MicroProfile Metrics has none whose buckets add up over
 * replicas, and names the JVM's metrics in a way that Prometheus' linter refuses.
 */
@ApplicationScoped
class MetricsRoute {

    private static final String ALL = "/q/metrics";
    private static final String HISTOGRAMS = "/q/metrics/histograms";
    private static final String ACQUIRE = "holdfast_acquire_wait_seconds";
    private static final String USAGE = "holdfast_connection_usage_seconds";
    private static final String REQUEST = "holdfast_http_request_seconds";

    private final MetricsExport export;
    private final Database database;
    private final RequestTimes requests;

    MetricsRoute(MetricsExport export, Database database, RequestTimes requests) {
        this.export = export;
        this.database = database;
        this.requests = requests;
    }

    void install(@Observes ManagementInterface management) {
        page(management.router(), ALL, this::all);
        page(management.router(), HISTOGRAMS, this::histograms);
    }

    // Before SmallRye's own route, which takes whatever is under /q/metrics for the name of a scope.
    private static void page(Router router, String path, Consumer<MetricsText> content) {
        router.get(path).order(-1).handler(ctx -> answer(ctx, content));
    }

    private static void answer(RoutingContext ctx, Consumer<MetricsText> content) {
        MetricsText text = new MetricsText();
        content.accept(text);
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, MetricsText.CONTENT_TYPE)
                .end(text.toString());
    }

    private void all(MetricsText text) {
        text.append(export.text());
        histograms(text);
        JvmMetrics.write(text);
    }

    private void histograms(MetricsText text) {
        text.family(MetricsText.Type.HISTOGRAM, ACQUIRE, "Wait for a connection, of requests that got one")
                .histogram(ACQUIRE, database.acquireBuckets())
                .family(MetricsText.Type.HISTOGRAM, USAGE, "From a connection's lease to its return")
                .histogram(USAGE, database.usageBuckets())
                .family(MetricsText.Type.HISTOGRAM, REQUEST, "From a request's arrival to the end of its answer");
        for (RequestTimes.View view : requests.views()) {
            text.histogram(
                    REQUEST, view.times(), "method", view.method(), "route", view.route(), "outcome", view.outcome());
        }
    }
}
