package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.db.ConnectionUri;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example engine and the service name each other rightly; its fields themselves nothing here can check. */
class EngineTest {

    private final JsonNode cluster = DeployFiles.yaml(Manifests.KUBERNETES.resolve("cloudnative-pg/cluster.yaml"));
    private final Map<String, String> settings =
            DeployFiles.environment(Manifests.KUBERNETES.resolve("base/settings.env"));

    @Test
    void theServiceConnectsToItsPrimaryByTheNameInItsCertificate() {
        ConnectionUri uri = ConnectionUri.parse(settings.get("DATABASE_URL"));

        assertThat(uri.host()).isEqualTo(cluster.at("/metadata/name").asText() + "-rw");
        assertThat(uri.sslMode().value()).isEqualTo("verify-full");
        assertThat(uri.database())
                .isEqualTo(cluster.at("/spec/bootstrap/initdb/database").asText());
        assertThat(uri.user())
                .isEqualTo(cluster.at("/spec/bootstrap/initdb/owner").asText());
        assertThat(URI.create(settings.get("DATABASE_URL")).getUserInfo())
                .as("no password in a ConfigMap")
                .doesNotContain(":");
    }

    @Test
    void aCommitSurvivesTheLossOfTheEnginesPrimary() {
        assertThat(cluster.at("/spec/instances").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(cluster.at("/spec/postgresql/synchronous/number").asInt()).isPositive();
    }
}
