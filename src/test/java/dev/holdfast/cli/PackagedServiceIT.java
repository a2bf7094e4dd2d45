package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.TestDatabase;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The artefact that is deployed: what is in it, and how its commands end. */
class PackagedServiceIT {

    private static final Path ARTEFACT = Path.of("target", "quarkus-app").toAbsolutePath();

    @TempDir
    Path elsewhere;

    @Test
    void nothingOfTheEmbeddedPostgresIsInIt() throws IOException {
        List<String> entries = new ArrayList<>();
        List<Path> jars;
        try (Stream<Path> files = Files.walk(ARTEFACT)) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        for (Path jar : jars) {
            try (JarFile opened = new JarFile(jar.toFile())) {
                opened.stream()
                        .filter(entry -> !entry.isDirectory())
                        .map(ZipEntry::getName)
                        .forEach(entries::add);
            }
        }

        assertThat(entries).contains("dev/holdfast/cli/Main.class");
        assertThat(entries)
                .noneMatch(entry -> entry.startsWith("dev/holdfast/embedded/"))
                .noneMatch(entry -> entry.startsWith("io/zonky/"))
                .noneMatch(entry -> entry.endsWith(".txz"));
    }

    @Test
    void serveWithoutADatabaseSaysInOneLineWhatToSet() throws Exception {
        Ended ended = run(Map.of());

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output().strip().lines()).singleElement().asString().startsWith("DATABASE_URL is not set");
    }

    @Test
    void migrateSaysWhatItDidAndThatThereIsNothingLeftToDo() throws Exception {
        try (TestDatabase database = TestDatabase.newUnmigratedDatabase()) {
            Map<String, String> environment = Map.of("DATABASE_URL", database.url());

            Ended first = run(environment, "migrate");
            Ended second = run(environment, "migrate");

            assertThat(first.output()).contains("Applied 1 ").contains("Done: the schema is at version ");
            assertThat(first.code()).isZero();
            assertThat(second.output()).contains("Nothing to do: the schema is at version ");
            assertThat(second.code()).isZero();
        }
    }

    @Test
    void migrateThatCannotConnectEndsWithOneAndKeepsThePassword() throws Exception {
        Ended ended = run(Map.of("DATABASE_URL", "postgresql://somebody:open-sesame@localhost:1/nowhere"), "migrate");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains("Not migrated: ").doesNotContain("open-sesame", "\tat ");
    }

    @Test
    void keysetPrintsOneAndRotatesOne() throws Exception {
        Path file = elsewhere.resolve("keyset.json");
        Ended made = run(Map.of(), "keyset");
        Files.writeString(file, made.output());

        Ended rotated = run(Map.of(), "keyset", "--rotate", file.toString());

        assertThat(made.code()).isZero();
        assertThat(rotated.code()).isZero();
        assertThat(JsonPath.from(made.output()).getList("key")).hasSize(1);
        assertThat(JsonPath.from(rotated.output()).getList("key.keyId"))
                .hasSize(2)
                .contains(JsonPath.from(made.output()).<Object>get("primaryKeyId"));
        assertThat(rotated.output())
                .doesNotContain(
                        "\"primaryKeyId\":" + JsonPath.from(made.output()).get("primaryKeyId") + ",");

        Ended missing = run(Map.of(), "keyset", "--rotate", "missing");
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.output().strip()).isEqualTo("Cannot read missing");
    }

    @Test
    void anUnknownCommandEndsWithTwo() throws Exception {
        assertThat(run(Map.of(), "migrat").code()).isEqualTo(2);
    }

    @Test
    void helpNamesTheCommands() throws Exception {
        Ended ended = run(Map.of(), "--help");

        assertThat(ended.code()).isZero();
        assertThat(ended.output()).contains("serve", "migrate", "keyset");
    }

    private record Ended(int code, String output) {}

    // Started from another directory: a deployment has no source tree to lean on.
    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                ARTEFACT.resolve("quarkus-run.jar").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(elsewhere.toFile()).redirectErrorStream(true);
        builder.environment().remove("DATABASE_URL");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Ended(process.waitFor(), output);
    }
}
