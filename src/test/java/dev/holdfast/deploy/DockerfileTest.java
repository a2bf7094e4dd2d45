package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.deploy.Dockerfile.Instruction;
import dev.holdfast.deploy.Dockerfile.Stage;
import dev.holdfast.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Dockerfiles keep to hadolint's main rules, which are named beside; hadolint itself is not to be had as a package. */
class DockerfileTest {

    private static final Path DIRECTORY = DeployFiles.DEPLOY.resolve("container");
    private static final Set<String> KNOWN =
            Set.of("ARG", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "RUN", "USER", "WORKDIR");

    private record File(String name, Dockerfile content) {

        Stage last() {
            return content.stages().get(content.stages().size() - 1);
        }

        List<Instruction> all(String keyword) {
            return content.stages().stream()
                    .flatMap(stage -> stage.all(keyword).stream())
                    .toList();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<File> files() {
        return Stream.of("Dockerfile", "Dockerfile.native")
                .map(name -> new File(name, Dockerfile.read(DIRECTORY.resolve(name))));
    }

    // DL3006, DL3007, DL3024, DL3029
    @ParameterizedTest
    @MethodSource("files")
    void everyBaseIsAnEarlierStageOrAnImageWithAHostAndATag(File file) {
        Set<String> names = new HashSet<>();
        for (Stage stage : file.content().stages()) {
            if (!names.contains(stage.base())) {
                assertThat(stage.base())
                        .matches("[a-z0-9.-]+\\.[a-z]+(/[a-z0-9._-]+)+:[\\w.-]+")
                        .doesNotEndWith(":latest");
            }
            assertThat(stage.name().isEmpty() || names.add(stage.name())).isTrue();
        }
    }

    // DL3002, DL3063: a number, so that Kubernetes can tell that it is not root
    @ParameterizedTest
    @MethodSource("files")
    void theImageRunsAsAUserWithANumberThatIsNotRoots(File file) {
        List<Instruction> users = file.last().all("USER");

        assertThat(users).isNotEmpty();
        assertThat(users.get(users.size() - 1).text()).matches("[1-9]\\d{3,}:[1-9]\\d{3,}");
    }

    // DL3025, DL4003, DL4004
    @ParameterizedTest
    @MethodSource("files")
    void theImageHasOneEntryPointThatNoShellWrapsAround(File file) {
        assertThat(file.all("ENTRYPOINT"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.text()).matches("\\[\"/[\\w./-]+\"]"));
        assertThat(file.last().all("ENTRYPOINT")).hasSize(1);
        assertThat(file.last().all("EXPOSE")).extracting(Instruction::text).containsExactly("8080 9000");
    }

    // DL1001, DL3020, DL3021, DL4000 and whatever else nobody needs here
    @ParameterizedTest
    @MethodSource("files")
    void onlyInstructionsAreUsedThatThereIsAReasonFor(File file) {
        assertThat(file.content().stages())
                .flatExtracting(Stage::instructions)
                .extracting(Instruction::keyword)
                .isSubsetOf(KNOWN);
    }

    // DL3000, DL3003
    @ParameterizedTest
    @MethodSource("files")
    void directoriesAreChangedByWorkdirAndAreAbsolute(File file) {
        assertThat(file.all("WORKDIR")).allSatisfy(to -> assertThat(to.text()).startsWith("/"));
        assertThat(file.all("RUN")).allSatisfy(run -> assertThat(run.text()).doesNotContainPattern("(^|[;&|] *)cd "));
    }

    // DL3021, DL3022, DL3045
    @ParameterizedTest
    @MethodSource("files")
    void whatIsCopiedComesFromAnEarlierStageOrIsInTheRepositoryAndHasAPlace(File file) {
        Set<String> earlier = new HashSet<>();
        for (Stage stage : file.content().stages()) {
            List<Instruction> before = new ArrayList<>();
            for (Instruction instruction : stage.instructions()) {
                if (instruction.keyword().equals("COPY")) {
                    copied(instruction, earlier, before);
                }
                before.add(instruction);
            }
            earlier.add(stage.name());
        }
    }

    private static void copied(Instruction copy, Set<String> earlier, List<Instruction> before) {
        String[] words = copy.text().split("\\s+");
        String to = words[words.length - 1];
        if (copy.flags().containsKey("from")) {
            assertThat(earlier).contains(copy.flags().get("from"));
        } else {
            for (int i = 0; i < words.length - 1; i++) {
                assertThat(Path.of(words[i])).exists();
            }
        }
        assertThat(words.length == 2 || to.endsWith("/")).as(copy.text()).isTrue();
        assertThat(to.startsWith("/")
                        || before.stream().anyMatch(i -> i.keyword().equals("WORKDIR")))
                .as(copy.text())
                .isTrue();
    }

    // DL3044
    @ParameterizedTest
    @MethodSource("files")
    void noVariableIsMadeOfOneOfTheSameInstruction(File file) {
        assertThat(file.all("ENV"))
                .allSatisfy(variable -> assertThat(variable.text()).matches("[A-Z_]+=(\"[^\"$]*\"|[^\\s\"$]+)"));
    }

    // DL3004, DL3008, DL3015, DL3033, DL4001, DL4005, DL4006
    @ParameterizedTest
    @MethodSource("files")
    void noStepInstallsFetchesPipesOrBecomesRoot(File file) {
        assertThat(file.all("RUN"))
                .allSatisfy(run -> assertThat(run.text())
                        .doesNotContainPattern(
                                "\\b(sudo|apt|apt-get|dnf|microdnf|yum|apk|curl|wget|ssh|ln -sf? /bin)\\b")
                        .doesNotContainPattern("[^|]\\|[^|]"));
    }

    // The SC rules, which hadolint takes from ShellCheck
    @ParameterizedTest
    @MethodSource("files")
    void shellCheckHasNothingToSayOfTheSteps(File file) {
        Tool shellcheck = Tool.require("shellcheck");

        assertThat(file.all("RUN"))
                .allSatisfy(run -> assertThat(shellcheck.runWith(run.text(), "--shell=sh", "-"))
                        .isEqualTo(new Tool.Ended(0, "")));
    }

    @Test
    void shellCheckHasNothingToSayOfTheScripts() {
        Tool shellcheck = Tool.require("shellcheck");

        assertThat(shellcheck.run(
                        "--severity=warning",
                        DIRECTORY.resolve("run").toString(),
                        DeployFiles.DEPLOY.resolve("compose/secrets.sh").toString(),
                        ".ci/run"))
                .isEqualTo(new Tool.Ended(0, ""));
    }

    // A context without this would send gigabytes of builds to the engine.
    @Test
    void theContextIsWhatTheStepsCopy() {
        List<String> admitted = DeployFiles.text(Path.of(".dockerignore"))
                .lines()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();

        files().flatMap(file -> file.all("COPY").stream())
                .filter(copy -> !copy.flags().containsKey("from"))
                .flatMap(copy ->
                        Stream.of(copy.text().split("\\s+")).limit(copy.text().split("\\s+").length - 1))
                .forEach(source ->
                        assertThat(admitted).anyMatch(path -> Path.of(source).startsWith(path)));
        assertThat(DeployFiles.text(Path.of(".dockerignore"))).startsWith("*\n");
    }

    @Test
    void theImageTellsItsOptionsWhereTheVariablesAreExplained() {
        String options = Dockerfile.read(DIRECTORY.resolve("Dockerfile")).stages().get(1).all("ENV").stream()
                .map(Instruction::text)
                .filter(text -> text.startsWith("JAVA_OPTS="))
                .findFirst()
                .orElseThrow()
                .replace("\"", "");

        assertThat(DeployFiles.text(DeployFiles.DEPLOY.resolve("holdfast.env.example")))
                .contains("\n# " + options + "\n");
    }

    @Test
    void aDockerfilesLinesAreJoinedAndItsFlagsTakenOff(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("Dockerfile"), """
                # comment
                FROM example.org/x:1 AS first
                RUN --mount=type=cache,target=/c \\
                    one \\
                    && two
                FROM first
                COPY --from=first /a b
                """);

        assertThat(Dockerfile.read(file).stages())
                .extracting(Stage::base, Stage::name)
                .containsExactly(tuple("example.org/x:1", "first"), tuple("first", ""));
        assertThat(Dockerfile.read(file).stages().get(0).all("RUN"))
                .containsExactly(new Instruction(3, "RUN", Map.of("mount", "type=cache,target=/c"), "one && two"));
        assertThat(Dockerfile.read(file).stages().get(1).all("COPY"))
                .containsExactly(new Instruction(7, "COPY", Map.of("from", "first"), "/a b"));
    }
}
