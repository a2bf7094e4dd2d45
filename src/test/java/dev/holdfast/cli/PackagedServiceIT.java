package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.testkit.PackagedService;
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

    private static final String FOREIGN =
            "postgresql+asyncpg://somebody:open-sesame@localhost:1/nowhere?command_timeout=60";

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
    void serveRefusesArgumentsOfAnotherDriverInTheWordsOfVerify() throws Exception {
        Map<String, String> environment =
                Map.of("DATABASE_URL", FOREIGN, "DB_POOL_SIZE", "20", "DB_POOL_MAX_WAITING", "0");

        Ended serve = run(environment);
        Ended verify = run(environment, "verify", "--offline");

        assertThat(serve.code()).isEqualTo(1);
        assertThat(serve.output().lines().filter(line -> !line.contains(" WARN ")))
                .containsExactly(
                        "DB_POOL_SIZE is SQLAlchemy's; set DB_CONNECTION_LIMIT instead, to pool_size and max_overflow"
                                + " together",
                        "DATABASE_URL starts with postgresql+asyncpg:// as another driver wants it; write postgresql://",
                        "DATABASE_URL?command_timeout is asyncpg's; set DB_STATEMENT_TIMEOUT instead");
        assertThat(verify.code()).isEqualTo(1);
        assertThat(verify.output())
                .contains("is SQLAlchemy's", "as another driver wants it", "is asyncpg's", "not fit to run.");
        assertThat(serve.output() + verify.output()).doesNotContain("open-sesame", "\tat ");
    }

    @Test
    void serveWarnsOnceOfWhatIsNoReasonNotToStart() throws Exception {
        // A port that nobody may use ends the start right after the checks.
        Ended ended = run(Map.of(
                "DATABASE_URL",
                "postgresql://somebody:open-sesame@localhost:1/nowhere",
                "DB_POOL_MAX_WAITING",
                "0",
                "QUARKUS_HTTP_HOST",
                "holdfast.invalid"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output().lines().filter(line -> line.contains("DB_POOL_MAX_WAITING is 0")))
                .singleElement()
                .asString()
                .contains(" WARN ");
        assertThat(ended.output().lines().filter(line -> line.contains("does not prove that the server is yours")))
                .hasSize(1);
        assertThat(ended.output()).doesNotContain("open-sesame");
    }

    @Test
    void verifyEndsWithWhatItFoundAndWritesNothingButJsonIfAsked() throws Exception {
        String good =
                "postgresql://holdfast:open-sesame@db.example.org/holdfast?sslmode=verify-full&sslrootcert=system";
        Map<String, String> environment = Map.of(
                "DATABASE_URL",
                good,
                "HOLDFAST_ADMIN_KEY",
                "0123456789abcdef",
                "HOLDFAST_KEYSET",
                Keyset.generate(),
                "DB_POOL_MAX_WAITING",
                "0");

        Ended fit = run(environment, "verify", "--offline", "--production", "--json");
        Ended strict = run(environment, "verify", "--offline", "--strict");
        Ended usage = run(environment, "verify", "--offlin");

        assertThat(fit.code()).isZero();
        assertThat(fit.output()).startsWith("{").contains("\"ok\" : true").endsWith("}\n");
        assertThat(strict.code()).isEqualTo(1);
        assertThat(usage.code()).isEqualTo(2);
        assertThat(fit.output() + strict.output() + usage.output()).doesNotContain("open-sesame", "0123456789abcdef");
    }

    @Test
    void verifyAsksTheServer() throws Exception {
        try (TestDatabase database = TestDatabase.newUnmigratedDatabase()) {
            Map<String, String> environment = Map.of("DATABASE_URL", database.url(), "DB_CONNECTION_LIMIT", "5");

            Ended before = run(environment, "verify");
            run(environment, "migrate");
            Ended after = run(environment, "verify");

            assertThat(before.output()).contains("is not there; this release has");
            assertThat(before.code()).isZero();
            assertThat(after.output()).contains("as this release has it").doesNotContain("\tat ", "WARN");
            assertThat(after.code()).isZero();
        }
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
    void keysetPrintsOne() throws Exception {
        Ended made = run(Map.of(), "keyset");

        assertThat(made.code()).isZero();
        assertThat(JsonPath.from(made.output()).getList("key")).hasSize(1);
    }

    @Test
    void keysetMakesAFileOnceAndRotatesItInPlace() throws Exception {
        Path file = elsewhere.toRealPath().resolve("keyset.json");

        Ended made = run(Map.of(), "keyset", "--create", file.toString());
        String old = Files.readString(file);
        Ended again = run(Map.of(), "keyset", "--create", file.toString());
        assertThat(file).hasContent(old);
        Ended rotated = run(Map.of(), "keyset", "--rotate", file.toString());

        long first = Keyset.parse(old).primaryId();
        Keyset now = Keyset.parse(Files.readString(file));
        assertThat(made.code()).isZero();
        assertThat(made.output()).contains("key " + first);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.output().strip()).startsWith(file + " is there already and was left as it is");
        assertThat(rotated.code()).isZero();
        assertThat(rotated.output()).contains(String.valueOf(now.primaryId()), file + "." + first + ".bak");
        assertThat(now.lacks(Keyset.parse(old))).isEmpty();
        assertThat(elsewhere.resolve("keyset.json." + first + ".bak")).hasContent(old);
    }

    @Test
    void keysetThatFailsSaysInOneLineWhatToDo() throws Exception {
        Ended missing = run(Map.of(), "keyset", "--rotate", "missing");
        Ended both = run(Map.of(), "keyset", "--create", "missing", "--rotate", "missing");

        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.output().strip())
                .isEqualTo("missing is not there: name the keyset that is in use, or make a first one with keyset"
                        + " --create missing");
        assertThat(both.code()).isEqualTo(2);
    }

    @Test
    void anUnknownCommandEndsWithTwo() throws Exception {
        assertThat(run(Map.of(), "migrat").code()).isEqualTo(2);
    }

    @Test
    void helpNamesTheCommands() throws Exception {
        Ended ended = run(Map.of(), "--help");

        assertThat(ended.code()).isZero();
        assertThat(ended.output()).contains("serve", "verify", "migrate", "keyset");
    }

    private record Ended(int code, String output) {}

    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        try (PackagedService service = new PackagedService(elsewhere, environment, arguments)) {
            return new Ended(service.exitCode(), service.output());
        }
    }
}
