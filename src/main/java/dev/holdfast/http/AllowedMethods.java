package dev.holdfast.http;

import jakarta.ws.rs.HttpMethod;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.handlers.ClassRoutingHandler;
import org.jboss.resteasy.reactive.server.handlers.RestInitialHandler.InitialMatch;
import org.jboss.resteasy.reactive.server.mapping.RequestMapper;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.spi.ServerRestHandler;

/** The {@code Allow} header that a 405 must have (RFC 9110, section 15.5.6) and that Quarkus REST leaves out. */
final class AllowedMethods {

    private AllowedMethods() {}

    /** The methods that the path of this request takes, sorted, separated by commas. */
    static String of(ResteasyReactiveRequestContext request) {
        RequestMapper<InitialMatch> classes =
                new RequestMapper<>(request.getDeployment().getClassMappers());
        TreeSet<String> methods = new TreeSet<>();
        String path = request.getPathWithoutPrefix();
        RequestMapper.RequestMatch<InitialMatch> match = classes.map(path);
        while (match != null) {
            addMethods(match, methods);
            match = classes.continueMatching(path, match);
        }
        if (methods.contains(HttpMethod.GET)) {
            methods.add(HttpMethod.HEAD);
        }
        return String.join(", ", methods);
    }

    private static void addMethods(RequestMapper.RequestMatch<InitialMatch> match, Set<String> methods) {
        String remaining = match.remaining.isEmpty() ? "/" : match.remaining;
        for (ServerRestHandler handler : match.value.handlers) {
            if (handler instanceof ClassRoutingHandler routing) {
                for (Map.Entry<String, RequestMapper<RuntimeResource>> entry :
                        routing.getMappers().entrySet()) {
                    if (entry.getKey() != null && entry.getValue().map(remaining) != null) {
                        methods.add(entry.getKey());
                    }
                }
            }
        }
    }
}
