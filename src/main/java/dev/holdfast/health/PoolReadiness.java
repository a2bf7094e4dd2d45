package dev.holdfast.health;

import dev.holdfast.db.Database;
import dev.holdfast.db.PoolFigures;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** How full the pool is. Full is not down, unless asked for: taking full replicas away moves their load to the rest. */
@Readiness
@ApplicationScoped
class PoolReadiness implements AsyncHealthCheck {

    private final Database database;
    private final boolean saturationDown;

    PoolReadiness(Database database, HealthConfig config) {
        this.database = database;
        this.saturationDown = config.saturationDown();
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        PoolFigures figures = database.figures();
        boolean saturated = figures.saturatedMillis() > 0;
        return Uni.createFrom()
                .item(HealthCheckResponse.named("connection-pool")
                        .status(!(saturationDown && saturated))
                        .withData("status", figures.status())
                        .withData("max_size", figures.maxSize())
                        .withData("in_use", figures.inUse())
                        .withData("idle", figures.idle())
                        .withData("waiting", figures.waiting())
                        .withData("saturated", saturated)
                        .withData("saturated_ms", figures.saturatedMillis())
                        .build());
    }
}
