package dev.holdfast.deploy;

import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Management;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules, dashboard and autoscaler look at, the running service exports: a misspelt metric would be silent. */
@QuarkusTest
class ExportedMetricsTest {

    private static final String METRIC = "\\b((?:holdfast|jvm|process)_[a-z0-9_]+)";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "prometheus/holdfast.rules.yml",
                "grafana/holdfast.json",
                "kubernetes/overlays/production/autoscaler.yaml",
                "README.md"
            })
    void everyMetricThatIsNamedIsExported(String file) {
        newConversation();
        Set<String> named = DashboardTest.found(METRIC, DeployFiles.text(DeployFiles.DEPLOY.resolve(file)));

        assertThat(named).isNotEmpty();
        Awaitility.await().untilAsserted(() -> assertThat(exported()).containsAll(named));
    }

    private static Set<String> exported() {
        return RestAssured.get(Management.url("/q/metrics"))
                .asString()
                .lines()
                // A histogram's family has no sample of its own name.
                .map(line -> line.replaceFirst("^# TYPE ", "").replaceFirst("[{ ].*", ""))
                .collect(Collectors.toSet());
    }
}
