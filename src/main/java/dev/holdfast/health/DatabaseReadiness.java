package dev.holdfast.health;

import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Whether PostgreSQL answers; it may be away for a moment without this replica losing its traffic. */
@Readiness
@ApplicationScoped
class DatabaseReadiness implements AsyncHealthCheck {

    private final InstantSource clock = InstantSource.system();
    private final Monitor monitor;
    private final Duration grace;

    DatabaseReadiness(Monitor monitor, HealthConfig config) {
        this.monitor = monitor;
        this.grace = config.grace();
        if (grace.isNegative()) {
            throw new IllegalArgumentException("holdfast.health.grace must not be negative.");
        }
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        DatabaseState state = monitor.state();
        boolean ok = state.state() == DatabaseState.State.OK;
        boolean shortly = state.lastOkAt() != null
                && Duration.between(state.since(), clock.instant()).compareTo(grace) < 0;
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("database")
                .status(ok || shortly)
                .withData("state", state.state().text())
                .withData("since", state.since().toString());
        if (state.lastOkAt() != null) {
            answer.withData("last_ok_at", state.lastOkAt().toString());
        }
        if (state.lastError() != null) {
            answer.withData("last_error", state.lastError());
        }
        return Uni.createFrom().item(answer.build());
    }
}
