package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pods of each overlay: what they may do, and that all they refer to is there. */
class PodsTest {

    /** Made by the engine, or by hand as deploy/README.md says. */
    private static final Set<String> SECRETS_FROM_ELSEWHERE =
            Set.of("holdfast-db-app", "holdfast-db-ca", "holdfast-keys", "holdfast-keyset");

    /** Where files must have come from: a path of a setting under it has to be mounted. */
    private static final String MOUNTED = "/etc/holdfast/";

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void noPodMayDoMoreThanTheRestrictedProfileLetsIt(String overlay) {
        Manifests.ofOverlay(overlay).pods().forEach((name, pod) -> {
            PodSpec spec = pod.getSpec();
            assertThat(spec.getSecurityContext().getRunAsNonRoot()).as(name).isTrue();
            assertThat(spec.getSecurityContext().getRunAsUser()).as(name).isEqualTo(10001);
            assertThat(spec.getSecurityContext().getSeccompProfile().getType())
                    .as(name)
                    .isEqualTo("RuntimeDefault");
            assertThat(spec.getHostNetwork()).as(name).isNull();
            assertThat(spec.getAutomountServiceAccountToken()).as(name).isFalse();
            for (Container container : containers(spec)) {
                var context = container.getSecurityContext();
                assertThat(context.getAllowPrivilegeEscalation()).as(name).isFalse();
                assertThat(context.getReadOnlyRootFilesystem()).as(name).isTrue();
                assertThat(context.getCapabilities().getDrop()).as(name).containsExactly("ALL");
                assertThat(context.getCapabilities().getAdd()).as(name).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void everyContainerSaysWhatItNeedsAndHasALimitOfMemoryAndNoneOfProcessorTime(String overlay) {
        Manifests.ofOverlay(overlay)
                .pods()
                .forEach((name, pod) -> containers(pod.getSpec()).forEach(container -> {
                    assertThat(container.getResources().getRequests()).as(name).containsKeys("cpu", "memory");
                    assertThat(container.getResources().getLimits()).as(name).containsOnlyKeys("memory");
                }));
    }

    // Kubernetes names variables after Services, and HOLDFAST_PORT is none of our settings.
    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void noPodIsToldOfServicesByVariables(String overlay) {
        Manifests.ofOverlay(overlay)
                .pods()
                .forEach((name, pod) -> assertThat(pod.getSpec().getEnableServiceLinks())
                        .as(name)
                        .isFalse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void everyVariableIsOneOfOurs(String overlay) {
        Manifests manifests = Manifests.ofOverlay(overlay);

        manifests
                .pods()
                .forEach((name, pod) -> containers(pod.getSpec())
                        .forEach(container -> assertThat(Settings.known())
                                .as(name)
                                .containsAll(environment(manifests, container).keySet())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void everyFileThatASettingNamesIsMounted(String overlay) {
        Manifests manifests = Manifests.ofOverlay(overlay);

        manifests
                .pods()
                .forEach((name, pod) -> containers(pod.getSpec()).forEach(container -> {
                    Set<String> mounted = mounted(pod.getSpec(), container);
                    environment(manifests, container).values().stream()
                            .flatMap(value -> Stream.of(value.split("[?&=]")))
                            .filter(value -> value.startsWith(MOUNTED))
                            .forEach(file -> assertThat(mounted).as(name).contains(file));
                }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void filesThatGetRotatedAreMountedSoThatKubernetesCanReplaceThem(String overlay) {
        Manifests.ofOverlay(overlay)
                .pods()
                .forEach((name, pod) -> containers(pod.getSpec())
                        .forEach(container -> assertThat(container.getVolumeMounts())
                                .as(name)
                                .allSatisfy(
                                        mount -> assertThat(mount.getSubPath()).isNull())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void everySecretIsMadeHereOrSaidToComeFromElsewhere(String overlay) {
        Manifests manifests = Manifests.ofOverlay(overlay);
        Set<String> secrets = new HashSet<>(SECRETS_FROM_ELSEWHERE);
        manifests.all(Secret.class).forEach(s -> secrets.add(s.getMetadata().getName()));

        manifests.pods().forEach((name, pod) -> {
            assertThat(secrets).as(name).containsAll(secretsOf(pod.getSpec()));
            assertThat(manifests.all(io.fabric8.kubernetes.api.model.ServiceAccount.class))
                    .extracting(account -> account.getMetadata().getName())
                    .contains(pod.getSpec().getServiceAccountName());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void servicesLeadToTheServersPodsAlone(String overlay) {
        Manifests manifests = Manifests.ofOverlay(overlay);

        for (Service service : manifests.all(Service.class)) {
            Map<String, String> selector = service.getSpec().getSelector();
            manifests
                    .pods()
                    .forEach((name, pod) -> assertThat(
                                    pod.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
                            .as(service.getMetadata().getName() + " leads to " + name)
                            .isEqualTo(name.equals("Deployment holdfast")));
            assertThat(service.getSpec().getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort()).isEqualTo(8080));
        }
        assertThat(manifests.all(Service.class))
                .extracting(service -> service.getSpec().getPublishNotReadyAddresses())
                .containsExactlyInAnyOrder(null, true);
    }

    private static List<Container> containers(PodSpec spec) {
        List<Container> containers = new ArrayList<>(spec.getInitContainers());
        containers.addAll(spec.getContainers());
        return containers;
    }

    /** Values that come from a Secret are empty here. */
    private static Map<String, String> environment(Manifests manifests, Container container) {
        Map<String, String> environment = new HashMap<>();
        container
                .getEnvFrom()
                .forEach(from -> environment.putAll(manifests.all(ConfigMap.class).stream()
                        .filter(map -> map.getMetadata()
                                .getName()
                                .equals(from.getConfigMapRef().getName()))
                        .findFirst()
                        .map(ConfigMap::getData)
                        .orElseThrow(
                                () -> new AssertionError(from.getConfigMapRef().getName()))));
        for (EnvVar variable : container.getEnv()) {
            environment.put(variable.getName(), variable.getValue() == null ? "" : variable.getValue());
        }
        return environment;
    }

    private static Set<String> mounted(PodSpec spec, Container container) {
        Set<String> files = new HashSet<>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            Volume volume = spec.getVolumes().stream()
                    .filter(v -> v.getName().equals(mount.getName()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no volume " + mount.getName()));
            if (volume.getSecret() != null) {
                volume.getSecret().getItems().forEach(item -> files.add(mount.getMountPath() + "/" + item.getPath()));
            }
        }
        return files;
    }

    private static Set<String> secretsOf(PodSpec spec) {
        Set<String> names = new HashSet<>();
        spec.getVolumes().stream()
                .filter(volume -> volume.getSecret() != null)
                .forEach(volume -> names.add(volume.getSecret().getSecretName()));
        containers(spec).stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getValueFrom() != null)
                .forEach(variable ->
                        names.add(variable.getValueFrom().getSecretKeyRef().getName()));
        return names;
    }
}
