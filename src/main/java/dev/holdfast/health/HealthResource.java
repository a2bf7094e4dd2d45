package dev.holdfast.health;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.problem.ErrorCounts;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Health for people and for load balancers that only see the API port; no key, no secrets. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class HealthResource {

    private final Database database;
    private final Monitor monitor;
    private final String version;

    HealthResource(
            Database database, Monitor monitor, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.database = database;
        this.monitor = monitor;
        this.version = version;
    }

    // The native image needs to be told of what is written inside a Response.
    @RegisterForReflection
    record Brief(String status) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record Full(
            String status,
            DatabaseHealth database,
            PoolHealth pool,
            Map<String, Long> errorsByCode,
            long uptimeSeconds,
            String version) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record DatabaseHealth(String state, @Nullable String lastOkAt, double latencyMs) {}

    @RegisterForReflection
    record PoolHealth(String status, double utilization) {}

    @GET
    @Path("/healthz")
    public Response healthz() {
        return answer(new Brief(status()));
    }

    @GET
    @Path("/health")
    public Response health() {
        DatabaseState state = monitor.state();
        PoolFigures figures = database.figures();
        return answer(new Full(
                status(),
                new DatabaseHealth(
                        state.state().text(),
                        state.lastOkAt() == null ? null : state.lastOkAt().toString(),
                        state.latencyMillis()),
                new PoolHealth(figures.status(), figures.utilization()),
                ErrorCounts.byCode(),
                TimeUnit.MILLISECONDS.toSeconds(
                        ManagementFactory.getRuntimeMXBean().getUptime()),
                version));
    }

    private String status() {
        return monitor.state().state() == DatabaseState.State.OK ? "ok" : "unavailable";
    }

    private Response answer(Object body) {
        return Response.status(status().equals("ok") ? 200 : 503).entity(body).build();
    }
}
