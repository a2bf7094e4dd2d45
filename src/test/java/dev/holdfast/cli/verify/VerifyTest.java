package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.INFO;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Help.Ansi;

/** The command as a whole: its options, its exit codes and what it writes. */
class VerifyTest {

    private static final Map<String, String> GOOD = Map.of(
            "DATABASE_URL",
                    "postgresql://holdfast:Geheim@db.example.org/holdfast?sslmode=verify-full&sslrootcert=system",
            "HOLDFAST_ADMIN_KEY", "0123456789abcdef");

    /** For db.example.org, which nobody is to connect to. */
    private static Ran offline(Map<String, String> environment, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--offline");
        return Ran.verify(environment, all.toArray(String[]::new));
    }

    @Test
    void theArgumentsThatBroughtAProductionDownAreNamedWithTheirDriverAndTheirMend() {
        Ran ran = offline(
                Map.of(
                        "DATABASE_URL",
                        "postgresql+asyncpg://app:Geheim@db/app?command_timeout=60&server_settings=%7B%27jit%27%3A%27off%27%7D",
                        "DB_CONNECT_ARGS",
                        "{'connect_timeout': 10, 'server_settings': {'application_name': 'app'}}"),
                "--json");

        assertThat(ran.code()).isEqualTo(1);
        String left = "leave it out: each connection has jit=off, TimeZone=UTC, DB_STATEMENT_TIMEOUT,"
                + " DB_IDLE_IN_TRANSACTION_TIMEOUT and HOLDFAST_DB_APPLICATION_NAME; set anything else on the role, ALTER"
                + " ROLE ... SET ...";
        assertThat(ran.findings())
                .filteredOn(f -> f.severity() == ERROR)
                .extracting(Finding::line)
                .containsExactly(
                        "DB_CONNECT_ARGS is SQLAlchemy's; " + left,
                        "DB_CONNECT_ARGS: connect_timeout is libpq and psycopg2's; set DB_CONNECT_TIMEOUT instead",
                        "DB_CONNECT_ARGS: server_settings is asyncpg's; " + left,
                        "DATABASE_URL starts with postgresql+asyncpg:// as another driver wants it; write postgresql://",
                        "DATABASE_URL?command_timeout is asyncpg's; set DB_STATEMENT_TIMEOUT instead",
                        "DATABASE_URL?server_settings is asyncpg's; " + left);
        assertThat(ran.out() + ran.err()).doesNotContain("Geheim");
    }

    @Test
    void theReadmesProductionExampleIsFitToRun() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        Matcher example = Pattern.compile("(?s)`holdfast\\.env`:\n\n(.*?)\n\n").matcher(readme);
        assertThat(example.find()).isTrue();

        Ran ran = Ran.verify(example.group(1).stripIndent(), "--offline", "--production", "--strict");

        assertThat(ran.out()).endsWith("fit to run.\n").doesNotContain("not fit");
        assertThat(ran.code()).isZero();
    }

    @Test
    void theTableOfForeignNamesIsTrue() throws IOException {
        String table = Files.readString(Path.of("deploy/verifying.md"))
                .replaceFirst("(?s).*\n\\| others say \\| whose \\| here \\|\n\\|---\\|---\\|---\\|\n", "")
                .replaceFirst("(?s)\n\n.*", "");

        assertThat(table.split("\n")).hasSizeGreaterThan(10).allSatisfy(row -> {
            String[] cells = row.split("\\|");
            Pattern.compile("`([^`]+)`").matcher(cells[1]).results().forEach(name -> {
                Ran ran = offline(Map.of("DATABASE_URL", "postgresql://u:p@h/d?" + name.group(1) + "=1"), "--json");
                assertThat(ran.findings())
                        .as(name.group(1))
                        .filteredOn(f -> f.key().equals("DATABASE_URL?" + name.group(1)))
                        .singleElement()
                        .satisfies(found -> Pattern.compile("`([A-Z_]{4,})")
                                .matcher(cells[3])
                                .results()
                                .forEach(here -> assertThat(found.mend()).contains(here.group(1))));
            });
        });
    }

    @ParameterizedTest
    @CsvSource({
        "HOLDFAST_API_KEY, 9876543210fedcba,, 0",
        "DB_POOL_MAX_WAITING, 0,, 0",
        "DB_POOL_MAX_WAITING, 0, --strict, 1",
        "DB_POOL_TIMEOUT, 31, --strict, 0",
        "DB_CONNECTION_LIMIT, 0,, 1",
        "DB_CONNECTION_LIMIT, 10,, 0",
        "DB_CONNECTION_LIMIT, 10, --production, 1",
    })
    void theExitCodeSaysWhetherItIsFit(String variable, String value, String option, int code) {
        Map<String, String> environment = new HashMap<>(GOOD);
        environment.put(variable, value);

        assertThat((option == null ? offline(environment) : offline(environment, option)).code())
                .isEqualTo(code);
    }

    @Test
    void aWrongCommandLineEndsWithTwo() {
        assertThat(offline(GOOD, "--surge", "x").code()).isEqualTo(2);
        assertThat(offline(GOOD, "--replicas", "0").code()).isEqualTo(2);
        assertThat(offline(GOOD, "--rps", "5").code()).isEqualTo(2);
        assertThat(offline(GOOD, "--rps", "-5", "--query-ms", "1").code()).isEqualTo(2);
        assertThat(offline(GOOD, "--metrics", "http://localhost:9000").code()).isEqualTo(2);
        assertThat(Ran.command("--offline", "--env-file", "/nowhere.env").code())
                .isEqualTo(2);
        assertThat(Ran.verify(GOOD, "--metrics", "http://localhost:1", "--metrics-seconds", "0")
                        .code())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:1", "localhost", "ftp://localhost/"})
    void metricsThatCanNotBeReadAreAFinding(String url) {
        Map<String, String> withoutServer = Map.of("DB_CONNECT_TIMEOUT", "0");

        Ran ran = Ran.verify(withoutServer, "--json", "--metrics", url);

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.lines("load", ERROR)).singleElement().asString().startsWith("--metrics can't be read: ");
    }

    @Test
    void jsonHasTheDocumentedFields() {
        JsonNode json = offline(Map.of("DB_REPLICAS", "x", "DB_POOL_MAX_WAITING", "0"), "--json")
                .json();

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("schema", "ok", "errors", "warnings", "infos", "findings");
        assertThat(json.get("schema").asInt()).isEqualTo(1);
        assertThat(json.get("ok").asBoolean()).isFalse();
        assertThat(json.get("errors").asInt()).isEqualTo(2);
        assertThat(json.get("warnings").asInt()).isEqualTo(1);
        assertThat(json.get("infos").asInt()).isEqualTo(2);
        assertThat(json.get("findings").get(0).fieldNames())
                .toIterable()
                .containsExactly("check", "key", "severity", "why", "mend");
        assertThat(json.get("findings"))
                .extracting(f -> f.get("severity").asText())
                .containsExactly("error", "error", "warning", "info", "info");
    }

    @Test
    void theTableIsReadableWithAndWithoutColours() {
        List<Finding> findings = List.of(
                new Finding("a", "DB_X", ERROR, "is wrong @|bold not markup|@", "mend it"),
                new Finding("b", "DB_LONGER", WARNING, "is odd, " + "and this is said at length ".repeat(6), ""));
        Report report = new Report(findings, false);

        String plain = report.table(Ansi.OFF);
        String coloured = report.table(Ansi.ON);

        assertThat(plain.lines())
                .contains("error    DB_X       is wrong @|bold not markup|@", "                    -> mend it")
                .allMatch(line -> line.length() <= 120)
                .last()
                .isEqualTo("1 error(s), 1 warning(s), 0 for information: not fit to run.");
        assertThat(coloured).contains("\u001b[").isNotEqualTo(plain);
        assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "").replaceAll(" +\n", "\n"))
                .isEqualTo(plain);
    }

    @Test
    void thePoolThatALoadNeedsIsCompared() {
        assertThat(offline(GOOD, "--json", "--rps", "500", "--query-ms", "12").lines("load", INFO))
                .containsExactly(
                        "DB_CONNECTION_LIMIT is 50, and the load needs 9: 500 requests/s x 12 ms / 1 replica(s) ="
                                + " 6 connections in use on average");
        assertThat(offline(GOOD, "--json", "--rps", "4000", "--query-ms", "10").lines("load", WARNING))
                .containsExactly(
                        "DB_CONNECTION_LIMIT is 50, and the load would keep it above 70 %: 4000 requests/s x 10 ms"
                                + " / 1 replica(s) = 40 connections in use on average; set it to at least 58, or run more"
                                + " replicas");
        assertThat(offline(GOOD, "--json", "--rps", "5000", "--query-ms", "10").lines("load", ERROR))
                .hasSize(1);
        assertThat(offline(GOOD, "--json", "--rps", "5000", "--query-ms", "10", "--replicas", "2")
                        .lines("load", INFO))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DB_REPLICAS=2\nDB_REPLICAS=3", "DB_REPLICAS 2", "export DB_REPLICAS", "=2"})
    void aFileThatIsNotPlainIsFoundByItsLines(String lines) {
        assertThat(Ran.verify(lines, "--offline", "--json").lines("env-file", ERROR))
                .singleElement()
                .asString()
                .matches("line 1 is not NAME=value; .*|DB_REPLICAS stands twice in the file; .*");
    }

    @Test
    void aFileMayHaveCommentsExportsAndQuotes(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("x.env"), "# nothing\n\n  export A=1\nB='two words'\nC=\"3#4\"\nD=\"half\nE=\nF==\n");

        EnvFile read = EnvFile.read(file);

        assertThat(read.values())
                .containsExactly(
                        Map.entry("A", "1"),
                        Map.entry("B", "two words"),
                        Map.entry("C", "3#4"),
                        Map.entry("D", "\"half"),
                        Map.entry("E", ""),
                        Map.entry("F", "="));
        assertThat(read.repeated()).isEmpty();
        assertThat(read.unreadable()).isEmpty();
    }
}
