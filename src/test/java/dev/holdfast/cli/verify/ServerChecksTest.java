package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of a server's answers, those that our own servers can't be brought to give included. */
class ServerChecksTest {

    private final Map<String, String> columns = new HashMap<>(Map.ofEntries(
            Map.entry("version", "160004"),
            Map.entry("version_text", "16.4"),
            Map.entry("max_connections", "100"),
            Map.entry("reserved", "3"),
            Map.entry("role", "holdfast"),
            Map.entry("superuser", "f"),
            Map.entry("role_limit", "-1"),
            Map.entry("database", "holdfast"),
            Map.entry("database_limit", "-1"),
            Map.entry("used", "5"),
            Map.entry("used_by_others", "4"),
            Map.entry("encoding", "UTF8"),
            Map.entry("read_only", "f"),
            Map.entry("schema", "public"),
            Map.entry("can_create", "f"),
            Map.entry("statement_timeout", "30000"),
            Map.entry("idle_in_transaction_timeout", "30000"),
            Map.entry("jit", "off"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("fsync", "t"),
            Map.entry("backend", "7")));

    private Pooler pooler = new Pooler(Pooler.Mode.NONE, true);
    private boolean production;

    @ParameterizedTest
    @CsvSource({"130022, ERROR", "140000, INFO", "180001, INFO"})
    void postgresqlMustStillBeMendedByItsMakers(String version, Severity severity) {
        columns.put("version", version);

        assertThat(look(new ServerCheck())).extracting(Finding::severity).containsExactly(severity);
    }

    @ParameterizedTest
    @CsvSource({"false, WARNING", "true, ERROR"})
    void fsyncOffIsWorseInProduction(boolean production, Severity severity) {
        this.production = production;
        columns.put("fsync", "f");

        assertThat(look(new ServerCheck()))
                .filteredOn(f -> f.severity() == severity)
                .extracting(Finding::line)
                .containsExactly("server has fsync off, so that a crash may destroy the database; set fsync = on");
    }

    @Test
    void aSuperuserIsBoundByNoLimitOfRoleOrDatabase() {
        columns.put("role_limit", "1");
        columns.put("database_limit", "1");
        assertThat(look(new CapacityCheck()))
                .filteredOn(f -> f.severity() == ERROR)
                .hasSize(2);

        columns.put("superuser", "t");
        assertThat(look(new CapacityCheck()))
                .filteredOn(f -> f.severity() == ERROR)
                .isEmpty();
    }

    @Test
    void whereNoPoolFitsThatIsSaid() {
        columns.put("max_connections", "13");

        assertThat(look(new CapacityCheck()))
                .extracting(Finding::mend)
                .containsExactly(
                        "no pool fits: run fewer replicas, put a pooler in front, or raise max_connections to at"
                                + " least 35");
    }

    @Test
    void behindAPoolerTheSumIsForThePooler() {
        pooler = new Pooler(Pooler.Mode.TRANSACTION, true);

        assertThat(look(new CapacityCheck()))
                .extracting(Finding::line)
                .containsExactly(
                        "DB_CONNECTION_LIMIT makes (1 replica(s) + 1 during an update) x (10 + 1 for the monitor)"
                                + " = 22 connections to the pooler; let its max_client_conn be at least that; its own pools share"
                                + " PostgreSQL's 97");
    }

    @ParameterizedTest
    @CsvSource({"NONE,", "SESSION, INFO", "TRANSACTION, INFO", "STATEMENT, ERROR"})
    void aPoolerMustKnowTransactions(Pooler.Mode mode, Severity severity) {
        pooler = new Pooler(mode, true);

        assertThat(look(new PoolerCheck()))
                .extracting(Finding::severity)
                .isEqualTo(severity == null ? List.of() : List.of(severity));
    }

    @Test
    void aPoolerThatMixesUpPreparedStatementsWantsNoneToBeKept() {
        pooler = new Pooler(Pooler.Mode.TRANSACTION, false);

        assertThat(look(new PoolerCheck()))
                .filteredOn(f -> f.severity() == ERROR)
                .extracting(Finding::key)
                .containsExactly("DB_STATEMENT_CACHE_SIZE");
        assertThat(look(new PoolerCheck(), Map.of("DB_STATEMENT_CACHE_SIZE", "0")))
                .filteredOn(f -> f.severity() == ERROR)
                .isEmpty();
    }

    @Test
    void behindAPoolerTheRoleMustSetWhatTheServiceCanNot() {
        pooler = new Pooler(Pooler.Mode.TRANSACTION, true);
        assertThat(look(new SessionCheck())).isEmpty();

        columns.put("statement_timeout", "0");
        columns.put("jit", "on");
        columns.put("synchronous_commit", "off");
        production = true;

        assertThat(look(new SessionCheck()))
                .extracting(Finding::severity, Finding::line)
                .containsExactly(
                        tuple(
                                ERROR,
                                "role has synchronous_commit off, and behind a pooler the service can't set it to on;"
                                        + " ALTER ROLE \"holdfast\" SET synchronous_commit = 'on'"),
                        tuple(
                                WARNING,
                                "role has statement_timeout 0ms, and behind a pooler the service can't set it to"
                                        + " 30000ms; ALTER ROLE \"holdfast\" SET statement_timeout = '30000ms'"),
                        tuple(
                                WARNING,
                                "role has jit on, and behind a pooler the service can't set it to off; ALTER ROLE"
                                        + " \"holdfast\" SET jit = 'off'"));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, INFO, INFO", "11, 0, WARNING, INFO", "1, 2100, INFO, WARNING", "1, -2100, INFO, WARNING"})
    void aSlowServerAndAWrongClockAreWarnedOf(long roundTrip, long skew, Severity ofTrip, Severity ofSkew) {
        Findings findings = new Findings();

        ClockCheck.say(Duration.ofMillis(roundTrip), Duration.ofMillis(skew), findings);

        assertThat(findings.sorted()).extracting(Finding::severity).containsExactlyInAnyOrder(ofTrip, ofSkew);
    }

    @Test
    void aWrongClockIsSaidToBeAheadOrBehind() {
        Findings findings = new Findings();

        ClockCheck.say(Duration.ofMillis(1), Duration.ofSeconds(5), findings);
        ClockCheck.say(Duration.ofMillis(1), Duration.ofSeconds(-6), findings);

        assertThat(findings.sorted())
                .extracting(Finding::why)
                .contains("has a clock that is 5 s ahead of ours", "has a clock that is 6 s behind ours");
    }

    @Test
    void aFailedMigrationIsWorseThanOneThatIsMissing() {
        Findings findings = new Findings();

        MigrationsCheck.say(new Migrator.State("2", "3", 1, true, false), findings);

        assertThat(findings.sorted()).extracting(Finding::severity).containsExactly(ERROR);
    }

    private List<Finding> look(Check check) {
        return look(check, Map.of());
    }

    private List<Finding> look(Check check, Map<String, String> more) {
        String url = "postgresql://holdfast@db.example.org/holdfast";
        Map<String, String> environment = new HashMap<>(more);
        environment.put("DATABASE_URL", url);
        environment.put("DB_CONNECTION_LIMIT", "10");
        environment.put("DB_RESERVED_CONNECTIONS", "10");
        Subject subject = new Subject(
                Settings.ofEnvironment(environment), new Options(production, null, Surge.parse(Surge.DEFAULT), null));
        subject.asked(new Server(ConnectionUri.parse(url), null, ServerFacts.of(columns), pooler));
        Findings findings = new Findings();
        Verify.run(List.of(check), subject, findings);
        return findings.sorted();
    }
}
