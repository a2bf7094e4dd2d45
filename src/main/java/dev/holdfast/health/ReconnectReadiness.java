package dev.holdfast.health;

import dev.holdfast.db.Database;
import dev.holdfast.db.PoolFigures;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** What has become of encrypted connections; it informs and is never down. */
@Readiness
@ApplicationScoped
class ReconnectReadiness implements AsyncHealthCheck {

    private final Database database;

    ReconnectReadiness(Database database) {
        this.database = database;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        PoolFigures figures = database.figures();
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("ssl-reconnects")
                .up()
                .withData("sslmode", database.sslMode().value())
                .withData("encrypted", figures.encrypted())
                .withData("plaintext", figures.plaintext())
                .withData("ssl_reconnects_total", figures.sslReconnects())
                .withData("dropped_total", figures.dropped());
        if (figures.lastDrop() != null) {
            answer.withData("last_drop_at", figures.lastDrop().at().toString())
                    .withData("last_drop_reason", figures.lastDrop().reason());
        }
        return Uni.createFrom().item(answer.build());
    }
}
