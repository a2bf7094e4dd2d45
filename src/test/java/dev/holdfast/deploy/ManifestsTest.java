package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests are what Kubernetes takes, as files and as the overlays render them. */
class ManifestsTest {

    static List<Path> files() {
        return DeployFiles.under(Manifests.KUBERNETES).stream()
                .filter(file -> file.toString().endsWith(".yaml"))
                .filter(file -> !file.endsWith("kustomization.yaml"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileIsOfItsTypeToTheLastField(Path file) {
        Manifests manifests = Manifests.parse(DeployFiles.text(file));

        assertThat(Manifests.kind(DeployFiles.yaml(file)).equals(Manifests.ENGINE))
                .isEqualTo(manifests.objects().isEmpty());
    }

    @Test
    void aFieldThatItsTypeLacksFails() {
        String service = """
                apiVersion: v1
                kind: Service
                metadata:
                  name: x
                spec:
                  ports:
                    - prot: 8080
                """;

        assertThatThrownBy(() -> Manifests.parse(service)).hasRootCauseInstanceOf(UnrecognizedPropertyException.class);
        assertThat(Manifests.parse(service.replace("prot:", "port:")).only(Service.class))
                .isNotNull();
    }

    @Test
    void aKeyThatStandsTwiceFails() {
        assertThatThrownBy(() -> Manifests.parse("apiVersion: v1\nkind: Service\nkind: Service\n"))
                .hasMessageContaining("duplicate key kind");
    }

    @Test
    void everyKustomizationNamesAllFilesBesideIt() {
        for (Path file : files()) {
            assertThat(DeployFiles.text(file.resolveSibling("kustomization.yaml")))
                    .contains(file.getFileName().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void everyOverlayRendersIntoOneNamespaceThatAdmitsRestrictedPodsOnly(String overlay) {
        Manifests manifests = Manifests.ofOverlay(overlay);
        var namespace = manifests.only(io.fabric8.kubernetes.api.model.Namespace.class);

        assertThat(namespace.getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        assertThat(manifests.objects())
                .filteredOn(object -> object != namespace)
                .extracting(object -> object.getMetadata().getNamespace())
                .containsOnly(namespace.getMetadata().getName());
        assertThat(manifests.objects())
                .extracting(HasMetadata::getKind)
                .contains("Deployment", "Service", "ServiceAccount", "NetworkPolicy", "ConfigMap");
    }
}
