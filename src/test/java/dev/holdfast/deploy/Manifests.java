package dev.holdfast.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.testkit.Tool;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Manifests of Kubernetes, decoded into its types; a field that a type lacks fails. */
final class Manifests {

    static final Path KUBERNETES = DeployFiles.DEPLOY.resolve("kubernetes");

    /** Of another's definition, of which there are no types to be had; {@link EngineTest} looks at it. */
    static final String ENGINE = "postgresql.cnpg.io/v1/Cluster";

    private static final Map<String, Class<? extends HasMetadata>> TYPES = Stream.of(
                    ConfigMap.class,
                    CronJob.class,
                    Deployment.class,
                    HorizontalPodAutoscaler.class,
                    Namespace.class,
                    NetworkPolicy.class,
                    PodDisruptionBudget.class,
                    PrometheusRule.class,
                    Secret.class,
                    Service.class,
                    ServiceAccount.class,
                    ServiceMonitor.class)
            .collect(Collectors.toMap(
                    type -> HasMetadata.getApiVersion(type) + "/" + HasMetadata.getKind(type), Function.identity()));

    // The types keep unknown fields for later versions of Kubernetes; here they are mistakes.
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated member) {
                    return false;
                }
            })
            .build();

    private final List<HasMetadata> objects;

    private Manifests(List<HasMetadata> objects) {
        this.objects = List.copyOf(objects);
    }

    /** What {@code kubectl apply -k} would send. */
    static Manifests ofOverlay(String overlay) {
        Tool.Ended rendered = Tool.require("kubectl")
                .run(
                        "kustomize",
                        KUBERNETES.resolve("overlays").resolve(overlay).toString());
        if (rendered.code() != 0) {
            throw new AssertionError(rendered.output());
        }
        return parse(rendered.output());
    }

    static Manifests parse(String yaml) {
        return new Manifests(DeployFiles.documents(yaml).stream()
                .filter(document -> !kind(document).equals(ENGINE))
                .map(Manifests::decoded)
                .toList());
    }

    static String kind(JsonNode document) {
        return document.path("apiVersion").asText() + "/"
                + document.path("kind").asText();
    }

    private static HasMetadata decoded(JsonNode document) {
        Class<? extends HasMetadata> type = TYPES.get(kind(document));
        if (type == null) {
            throw new AssertionError("no type for " + kind(document));
        }
        try {
            return STRICT.treeToValue(document, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    <T> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T> T only(Class<T> type) {
        List<T> found = all(type);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of " + type.getSimpleName());
        }
        return found.get(0);
    }

    List<HasMetadata> objects() {
        return objects;
    }

    /** The pods that there will be, by the name of what makes them. */
    Map<String, PodTemplateSpec> pods() {
        Map<String, PodTemplateSpec> pods = all(Deployment.class).stream()
                .collect(Collectors.toMap(
                        d -> "Deployment " + d.getMetadata().getName(),
                        d -> d.getSpec().getTemplate()));
        all(CronJob.class)
                .forEach(job -> pods.put(
                        "CronJob " + job.getMetadata().getName(),
                        job.getSpec().getJobTemplate().getSpec().getTemplate()));
        return pods;
    }
}
