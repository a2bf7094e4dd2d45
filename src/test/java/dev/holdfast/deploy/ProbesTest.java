package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;

import dev.holdfast.testkit.Management;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.openshift.api.model.monitoring.v1.Endpoint;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;

/** What the manifests ask of the running service is there. */
@QuarkusTest
class ProbesTest {

    private final Container container = read("base/deployment.yaml")
            .only(Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .get(0);
    private final Map<String, Integer> ports = container.getPorts().stream()
            .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));

    @Test
    void theContainersPortsAreTheServices() {
        Config service = Settings.ofProduction();

        assertThat(ports)
                .containsEntry("http", service.getValue("quarkus.http.port", Integer.class))
                .containsEntry("management", service.getValue("quarkus.management.port", Integer.class));
    }

    @Test
    void everyProbeIsAnsweredOnTheManagementPort() {
        Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                .map(probe -> probe.getHttpGet())
                .forEach(probe -> {
                    assertThat(probe.getPort().getStrVal()).isEqualTo("management");
                    Awaitility.await()
                            .untilAsserted(() -> RestAssured.get(Management.url(probe.getPath()))
                                    .then()
                                    .statusCode(200)
                                    .body(containsString("\"status\": \"UP\"")));
                });
    }

    @Test
    void prometheusIsSentToThePageOfAllMetrics() {
        Endpoint endpoint = read("components/monitoring/servicemonitor.yaml")
                .only(ServiceMonitor.class)
                .getSpec()
                .getEndpoints()
                .get(0);

        assertThat(endpoint.getTargetPort().getIntVal()).isEqualTo(ports.get("management"));
        RestAssured.get(Management.url(endpoint.getPath()))
                .then()
                .statusCode(200)
                .body(containsString("holdfast_pool_in_use "));
    }

    private static Manifests read(String file) {
        return Manifests.parse(DeployFiles.text(Manifests.KUBERNETES.resolve(Path.of(file))));
    }
}
