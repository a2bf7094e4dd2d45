package dev.holdfast.http;

import dev.holdfast.db.Buckets;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.mapping.URITemplate;
import org.jspecify.annotations.Nullable;

/**
 * How long requests take, from the first filter to the end of the answer. There is one set of counts for each resource
 * method that the code declares, or names here, and one for all that reaches none: nothing that a client sends makes a label.
 */
@ApplicationScoped
public class RequestTimes {

    private static final String KEY = RequestTimes.class.getName();
    private static final String[] OUTCOMES = {"2xx", "3xx", "4xx", "5xx", "aborted"};
    private static final int ABORTED = 4;

    /**
     * The requests of one kind, since the start.
     *
     * @param method as the resource declares it; {@code any} where no resource was reached
     * @param route the path's template; {@code none} for what was refused before it was routed, or leads nowhere
     * @param outcome the status' class, or {@code aborted} where the client went away before the end of the answer
     */
    public record View(String method, String route, String outcome, Buckets.View times) {}

    private record Route(String method, String path, Buckets[] byOutcome) {

        static Route of(String method, String path) {
            Buckets[] byOutcome = new Buckets[OUTCOMES.length];
            for (int i = 0; i < byOutcome.length; i++) {
                byOutcome[i] = new Buckets();
            }
            return new Route(method, path, byOutcome);
        }
    }

    private final Map<Object, Route> routes = new ConcurrentHashMap<>();
    private final Route none = Route.of("any", "none");

    void install(@Observes Filters filters) {
        filters.register(
                ctx -> {
                    long startedAt = System.nanoTime();
                    ctx.addEndHandler(end -> ended(ctx, startedAt));
                    ctx.next();
                },
                FilterOrder.REQUEST_TIME);
    }

    @ServerRequestFilter
    public void matched(RoutingContext ctx) {
        RuntimeResource resource = CurrentRequestManager.get().getTarget();
        Route route = routes.get(resource);
        ctx.put(KEY, route == null ? routes.computeIfAbsent(resource, key -> route(resource)) : route);
    }

    /** As if a resource had been reached, for what is none; both are constants. */
    public void matched(RoutingContext ctx, String method, String path) {
        ctx.put(KEY, routes.computeIfAbsent(method + " " + path, key -> Route.of(method, path)));
    }

    /** All kinds of requests that there have been. */
    public List<View> views() {
        List<View> views = new ArrayList<>();
        add(none, views);
        routes.values().forEach(route -> add(route, views));
        return views;
    }

    private void ended(RoutingContext ctx, long startedAt) {
        Route matched = ctx.get(KEY);
        Route route = matched == null ? none : matched;
        route.byOutcome[outcome(ctx)].record(System.nanoTime() - startedAt);
    }

    private static int outcome(RoutingContext ctx) {
        int status = ctx.response().getStatusCode();
        // A 1xx is an upgrade, which only ever succeeds.
        return ctx.response().ended() ? Math.min(Math.max(status / 100, 2), 5) - 2 : ABORTED;
    }

    private static Route route(RuntimeResource resource) {
        String path = (text(resource.getClassPath()) + "/" + text(resource.getPath())).replaceAll("/+", "/");
        boolean slash = path.length() > 1 && path.endsWith("/");
        return Route.of(resource.getHttpMethod(), slash ? path.substring(0, path.length() - 1) : path);
    }

    private static String text(@Nullable URITemplate template) {
        return template == null ? "" : template.template;
    }

    private static void add(Route route, List<View> views) {
        for (int i = 0; i < OUTCOMES.length; i++) {
            Buckets.View times = route.byOutcome[i].view();
            if (times.count() > 0) {
                views.add(new View(route.method, route.path, OUTCOMES[i], times));
            }
        }
    }
}
