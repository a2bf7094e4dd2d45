package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.TestDatabase;
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

    @TempDir
    Path elsewhere;

    @Test
    void nothingOfTheEmbeddedPostgresIsInIt() throws IOException {
        List<String> entries = new ArrayList<>();
        List<Path> jars;
        try (Stream<Path> files = Files.walk(PackagedService.ARTEFACT)) {
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
    void anUnknownCommandEndsWithTwo() throws Exception {
        assertThat(run(Map.of(), "migrat").code()).isEqualTo(2);
    }

    @Test
    void helpNamesTheCommands() throws Exception {
        Ended ended = run(Map.of(), "--help");

        assertThat(ended.code()).isZero();
        assertThat(ended.output()).contains("serve", "migrate");
    }

    private record Ended(int code, String output) {}

    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        try (PackagedService service = new PackagedService(elsewhere, environment, arguments)) {
            return new Ended(service.exitCode(), service.output());
        }
    }
}
