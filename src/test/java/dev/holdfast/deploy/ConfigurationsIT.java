package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.holdfast.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is deployed passes our own verifier, at the bar of production. */
class ConfigurationsIT {

    @TempDir
    private Path directory;

    static Stream<Arguments> configurations() {
        Map<String, String> production = DeployFiles.environment(Manifests.KUBERNETES.resolve("base/settings.env"));
        production.putAll(DeployFiles.environment(Manifests.KUBERNETES.resolve("overlays/production/settings.env")));
        Map<String, String> compose = DeployFiles.JSON.convertValue(
                DeployFiles.yaml(DeployFiles.DEPLOY.resolve("compose/compose.yaml"))
                        .at("/services/holdfast/environment"),
                new TypeReference<>() {});
        return Stream.of(
                Arguments.of(
                        "holdfast.env.example",
                        DeployFiles.environment(DeployFiles.DEPLOY.resolve("holdfast.env.example"))),
                Arguments.of("Kubernetes", withKey(production)),
                Arguments.of("Compose", withKey(compose)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configurations")
    void verifyFindsNothingWrong(String name, Map<String, String> environment) throws IOException {
        Path file = directory.resolve("environment");
        Files.writeString(
                file,
                environment.entrySet().stream()
                        .map(variable -> variable.getKey() + "=" + variable.getValue())
                        .collect(Collectors.joining("\n")));

        Tool.Ended ended = Tool.java()
                .run(
                        "-jar",
                        "target/quarkus-app/quarkus-run.jar",
                        "verify",
                        "--offline",
                        "--production",
                        "--strict",
                        "--env-file",
                        file.toString());

        assertThat(ended.code()).as(ended.output()).isZero();
    }

    /** From a Secret, or from whoever starts it. */
    private static Map<String, String> withKey(Map<String, String> environment) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put("HOLDFAST_ADMIN_KEY", "0123456789abcdef0123456789abcdef");
        return all;
    }
}
