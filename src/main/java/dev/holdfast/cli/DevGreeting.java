package dev.holdfast.cli;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Tells a newcomer what to type next. Of dev mode only: no other start-up shows a key. */
@IfBuildProfile("dev")
@ApplicationScoped
class DevGreeting {

    private static final Logger LOG = Logger.getLogger(DevGreeting.class);

    @ConfigProperty(name = "holdfast.api-key")
    String apiKey;

    @ConfigProperty(name = "holdfast.admin-key")
    String adminKey;

    void greet(@ObservesAsync HttpServerStart start) {
        String url = "http://localhost:" + start.options().getPort();
        LOG.infof("""
                Holdfast serves %1$s
                  API key    %2$s (project default)
                  admin key  %3$s
                Try:
                  curl -s %1$s/v1/conversations -H 'Authorization: Bearer %2$s' -H 'Content-Type: application/json' -d '{"metadata":{"topic":"demo"}}'
                """, url, apiKey, adminKey);
    }
}
