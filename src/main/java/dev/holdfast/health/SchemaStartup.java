package dev.holdfast.health;

import dev.holdfast.db.Monitor;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Up once the schema that this release needs has been seen; it stays up. */
@Startup
@ApplicationScoped
class SchemaStartup implements AsyncHealthCheck {

    /** The newest migration under {@code db/migration}. */
    static final String VERSION = "11";

    private final Monitor monitor;
    private volatile boolean seen;

    SchemaStartup(Monitor monitor) {
        this.monitor = monitor;
    }

    void watch(@Observes StartupEvent event) {
        monitor.watch(
                "schema",
                "SELECT EXISTS (SELECT FROM flyway_schema_history WHERE success AND version = '" + VERSION + "')",
                rows -> seen |= rows.iterator().next().getBoolean(0));
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.createFrom()
                .item(HealthCheckResponse.named("schema")
                        .status(seen)
                        .withData("version", VERSION)
                        .build());
    }
}
