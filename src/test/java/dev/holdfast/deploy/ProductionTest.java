package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The overlay for production adds up: its numbers against each other, the engine's and the service's own. */
class ProductionTest {

    private static Manifests production;

    @BeforeAll
    static void render() {
        production = Manifests.ofOverlay("production");
    }

    @Test
    void allReplicasAndTheSurgeOfAnUpdateFitIntoTheEnginesConnections() {
        Map<String, String> settings = settings();
        int replicas = production.only(HorizontalPodAutoscaler.class).getSpec().getMaxReplicas();
        int pool = Integer.parseInt(settings.get("DB_CONNECTION_LIMIT"));
        int reserved = Integer.parseInt(settings.get("DB_RESERVED_CONNECTIONS"));
        JsonNode engine = DeployFiles.yaml(Manifests.KUBERNETES.resolve("cloudnative-pg/cluster.yaml"));

        assertThat(settings).containsEntry("DB_REPLICAS", Integer.toString(replicas));
        assertThat(pool).isGreaterThanOrEqualTo(20);
        assertThat((replicas + surge()) * (pool + 1) + reserved)
                .isLessThanOrEqualTo(
                        engine.at("/spec/postgresql/parameters/max_connections").asInt());
    }

    @Test
    void verifyIsAskedForTheReplicasAndTheSurgeThatThereAre() {
        Container verify = production
                .only(CronJob.class)
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);

        assertThat(verify.getArgs())
                .containsExactly(
                        "verify",
                        "--production",
                        "--replicas",
                        settings().get("DB_REPLICAS"),
                        "--surge",
                        Integer.toString(surge()));
    }

    @Test
    void theConfigurationIsVerifiedAndTheSchemaMigratedBeforeAPodServes() {
        assertThat(pod().getInitContainers())
                .extracting(Container::getArgs)
                .containsExactly(List.of("verify", "--offline", "--production"), List.of("migrate"));
        assertThat(pod().getContainers())
                .singleElement()
                .satisfies(serve -> assertThat(serve.getArgs()).isEmpty());
    }

    @Test
    void thereIsTimeToDrainBeforeKubernetesKills() {
        Config service = Settings.ofProduction();
        Duration drain = Duration.ofSeconds(pod().getContainers()
                        .get(0)
                        .getLifecycle()
                        .getPreStop()
                        .getSleep()
                        .getSeconds())
                .plus(service.getValue("quarkus.shutdown.delay", Duration.class))
                .plus(service.getValue("quarkus.shutdown.timeout", Duration.class));

        assertThat(Duration.ofSeconds(pod().getTerminationGracePeriodSeconds()))
                .isBetween(drain.plusSeconds(5), drain.plusSeconds(15));
    }

    // A replica whose readiness is DOWN is out of service before it stops taking requests.
    @Test
    void readinessIsNoticedWithinTheDelay() {
        Duration delay = Settings.ofProduction().getValue("quarkus.shutdown.delay", Duration.class);
        var probe = pod().getContainers().get(0).getReadinessProbe();

        assertThat(Duration.ofSeconds((long) probe.getPeriodSeconds() * probe.getFailureThreshold()))
                .isLessThanOrEqualTo(delay.plusSeconds(pod().getContainers()
                        .get(0)
                        .getLifecycle()
                        .getPreStop()
                        .getSleep()
                        .getSeconds()));
    }

    @Test
    void aReplicaIsAddedBeforeOneIsTakenAwayAndNodesCanBeDrained() {
        var update = deployment().getSpec().getStrategy().getRollingUpdate();
        assertThat(update.getMaxUnavailable().getIntVal()).isZero();
        assertThat(surge()).isPositive();
        assertThat(deployment().getSpec().getReplicas())
                .as("the autoscaler's to say")
                .isNull();

        PodDisruptionBudget budget = production.only(PodDisruptionBudget.class);
        assertThat(budget.getSpec().getSelector().getMatchLabels())
                .isEqualTo(deployment().getSpec().getSelector().getMatchLabels());
        assertThat(budget.getSpec().getMaxUnavailable().getIntVal())
                .isLessThan(
                        production.only(HorizontalPodAutoscaler.class).getSpec().getMinReplicas());
    }

    @Test
    void theAutoscalerLooksAtTheProcessorAndAtWhoWaits() {
        var spec = production.only(HorizontalPodAutoscaler.class).getSpec();

        assertThat(spec.getScaleTargetRef().getName())
                .isEqualTo(deployment().getMetadata().getName());
        assertThat(spec.getMetrics()).extracting(MetricSpec::getType).containsExactly("Resource", "Pods");
        assertThat(spec.getMetrics().get(1).getPods().getMetric().getName())
                .isEqualTo("holdfast_pool_oldest_wait_seconds");
    }

    @Test
    void theManagementPortIsForMonitoringAlone() {
        List<NetworkPolicyIngressRule> rules =
                production.only(NetworkPolicy.class).getSpec().getIngress();

        assertThat(rules)
                .filteredOn(rule -> rule.getPorts().stream()
                        .anyMatch(port -> "management".equals(port.getPort().getStrVal())))
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.getPorts()).hasSize(1);
                    assertThat(rule.getFrom())
                            .singleElement()
                            .satisfies(peer -> assertThat(
                                            peer.getNamespaceSelector().getMatchLabels())
                                    .containsEntry("kubernetes.io/metadata.name", "monitoring"));
                });
    }

    @Test
    void theAlertsAreThoseOfPrometheus() {
        JsonNode groups = DeployFiles.JSON.valueToTree(
                production.only(PrometheusRule.class).getSpec().getGroups());

        assertThat(groups).isEqualTo(DeployFiles.yaml(DeployFiles.RULES).path("groups"));
    }

    private static int surge() {
        return deployment()
                .getSpec()
                .getStrategy()
                .getRollingUpdate()
                .getMaxSurge()
                .getIntVal();
    }

    private static Deployment deployment() {
        return production.only(Deployment.class);
    }

    private static PodSpec pod() {
        return deployment().getSpec().getTemplate().getSpec();
    }

    private static Map<String, String> settings() {
        return production.only(ConfigMap.class).getData();
    }
}
