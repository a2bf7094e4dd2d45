package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.INFO;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import dev.holdfast.testkit.TlsServer;
import dev.holdfast.testkit.TlsServer.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command finds on a real server: of its default size, with a database and a role as the service has them. */
class VerifyOnlineTest {

    private static final String DATABASE = "verified";
    private static final String TEMPLATE = "verified_template";
    private static final String PLAIN = "?sslmode=disable";

    private static final TlsServer server = TlsServer.shared();

    @BeforeAll
    static void migrate() {
        server.execute("CREATE DATABASE " + TEMPLATE);
        ConnectionUri owner = owner(TEMPLATE);
        Migrator.migrate(owner);
        execute(owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + TlsServer.ROLE);
    }

    @AfterAll
    static void dropTemplate() {
        server.execute("DROP DATABASE " + TEMPLATE + " WITH (FORCE)");
    }

    @BeforeEach
    void create() {
        server.use(Setup.withoutTls());
        server.execute("CREATE DATABASE " + DATABASE + " TEMPLATE " + TEMPLATE);
    }

    @AfterEach
    void drop() {
        server.execute(
                "DROP DATABASE " + DATABASE + " WITH (FORCE)",
                "ALTER ROLE " + TlsServer.ROLE + " RESET ALL",
                "ALTER ROLE " + TlsServer.ROLE + " CONNECTION LIMIT -1");
    }

    @Test
    void aServiceThatIsAsItShouldBeIsFitToRun() {
        Ran ran = verify();

        assertThat(ran.code()).isZero();
        assertThat(ran.findings()).filteredOn(f -> f.severity() == ERROR).isEmpty();
        assertThat(ran.lines("server", INFO)).contains("server is PostgreSQL " + server.value("SHOW server_version"));
        assertThat(ran.lines("login", INFO)).containsExactly("server lets the service in, in plaintext");
        assertThat(ran.lines("migrations", INFO)).singleElement().asString().startsWith("schema is at version ");
        assertThat(ran.lines("privileges", INFO))
                .containsExactly(
                        "role may do all that serve does with the tables that there are",
                        "role may not create anything in the schema public; run migrate as one that may");
        assertThat(ran.lines("clock", INFO)).anyMatch(line -> line.startsWith("server takes "));
        assertThat(ran.lines("reach", WARNING)).isEmpty();
    }

    @Test
    void aPoolThatAllReplicasTogetherCanNotHaveIsAnErrorWithTheSumAndTheLargestThatFits() {
        Ran ran = verify(Map.of("DB_CONNECTION_LIMIT", "20"), "--replicas", "6");
        Ran largest = verify(Map.of("DB_CONNECTION_LIMIT", "9"), "--replicas", "6");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.lines("capacity", ERROR))
                .containsExactly("DB_CONNECTION_LIMIT is 20, and (6 replica(s) + 2 during an update) x (20 + 1 for the"
                        + " monitor) + 10 reserved = 178 are more than 97, max_connections (100) less 3 for"
                        + " administrators; set it to at most 9, the largest pool that fits, or raise max_connections to"
                        + " at least 181");
        assertThat(largest.lines("capacity", ERROR)).isEmpty();
        assertThat(largest.lines("capacity", INFO)).singleElement().asString().contains("largest pool that fits is 9");
    }

    @Test
    void theLimitsOfRoleAndDatabaseCountToo() {
        server.execute("ALTER ROLE " + TlsServer.ROLE + " CONNECTION LIMIT 30");
        owned("ALTER DATABASE " + DATABASE + " CONNECTION LIMIT 40");

        Ran ran = verify(Map.of("DB_CONNECTION_LIMIT", "20"));

        assertThat(ran.lines("capacity", ERROR))
                .containsExactly(
                        "DB_CONNECTION_LIMIT is 20, and (1 replica(s) + 1 during an update) x (20 + 1 for the monitor) ="
                                + " 42 are more than 30, the role's limit; set it to at most 14, the largest pool that"
                                + " fits, or raise ALTER ROLE ... CONNECTION LIMIT to at least 42",
                        "DB_CONNECTION_LIMIT is 20, and (1 replica(s) + 1 during an update) x (20 + 1 for the monitor) ="
                                + " 42 are more than 40, the database's limit; set it to at most 19, the largest pool"
                                + " that fits, or raise ALTER DATABASE ... CONNECTION LIMIT to at least 42");
        assertThat(verify(Map.of("DB_CONNECTION_LIMIT", "14")).lines("capacity", ERROR))
                .isEmpty();
    }

    @Test
    void whatOthersUseIsCountedThoughTheRoleMayNotSeeWhatTheyDo() throws SQLException {
        try (Connection other = Migrator.dataSource(owner(DATABASE)).getConnection()) {
            assertThat(other.isValid(5)).isTrue();
            assertThat(verify(Map.of("DB_RESERVED_CONNECTIONS", "0")).lines("use", WARNING))
                    .singleElement()
                    .asString()
                    .matches(
                            "DB_RESERVED_CONNECTIONS is 0, but other roles have \\d+ connections now; set it to at least"
                                    + " \\d+");
            assertThat(verify().lines("use", WARNING)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DROP TABLE flyway_schema_history | WARNING | schema is not there; this release has",
                "DELETE FROM flyway_schema_history WHERE version <> '1' | WARNING | schema is at version 1; this release",
                "INSERT INTO flyway_schema_history SELECT 999, '999', 'later', type, 'V999__later.sql', 1, installed_by,"
                        + " now(), 1, true FROM flyway_schema_history WHERE version = '1'"
                        + "| WARNING | schema is at version 999, ahead of this release",
                "UPDATE flyway_schema_history SET success = false | ERROR | schema has a failed migration; look at",
                "REVOKE SELECT ON flyway_schema_history FROM holdfast | ERROR | schema has migrations that can't be read",
            })
    void aSchemaThatIsNotThisReleasesIsFound(String statement, Severity severity, String line) {
        owned(statement);

        assertThat(verify().lines("migrations", severity))
                .singleElement()
                .asString()
                .startsWith(line);
    }

    @Test
    void privilegesThatServeLacksAreNamed() {
        owned("REVOKE UPDATE, DELETE ON projects FROM " + TlsServer.ROLE, "REVOKE ALL ON items FROM " + TlsServer.ROLE);
        owned("REVOKE EXECUTE ON FUNCTION metadata_digest FROM PUBLIC");

        Ran ran = verify();

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.lines("privileges", ERROR))
                .containsExactly(
                        "role lacks what serve needs: DELETE on items, INSERT on items, SELECT on items, UPDATE on items,"
                                + " DELETE on projects, UPDATE on projects; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL"
                                + " TABLES IN SCHEMA public TO holdfast",
                        "role may not execute what serve needs: metadata_digest; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA"
                                + " public TO holdfast");
    }

    @Test
    void aRoleThatMayNotUseTheSchemaIsFound() {
        owned("REVOKE USAGE ON SCHEMA public FROM PUBLIC");

        assertThat(verify().lines("privileges", ERROR))
                .singleElement()
                .asString()
                .startsWith("role has a search_path without a schema that exists");
    }

    @Test
    void theOwnerIsToldThatItMayMigrateByNothingBeingSaid() {
        Ran ran = run("postgresql://postgres@127.0.0.1:" + server.port() + "/" + DATABASE + PLAIN, Map.of());

        assertThat(ran.lines("privileges", INFO))
                .containsExactly("role may do all that serve does with the tables that there are");
        assertThat(ran.lines("server", INFO))
                .contains("role is a superuser, which the service does not need; give the service a role of its own");
    }

    @Test
    void aReadOnlyServerIsFound() {
        server.execute("ALTER ROLE " + TlsServer.ROLE + " SET default_transaction_read_only = on");

        assertThat(verify().lines("server", ERROR))
                .containsExactly("server is read-only: a standby, or set so; name the primary's host");
    }

    @Test
    void aDatabaseOfAnotherEncodingIsFound() {
        server.execute("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        try {
            assertThat(run(url("bytes"), Map.of()).lines("server", ERROR))
                    .containsExactly("database is encoded in SQL_ASCII, which can't keep every conversation; create it"
                            + " with ENCODING 'UTF8'");
        } finally {
            server.execute("DROP DATABASE bytes WITH (FORCE)");
        }
    }

    @Test
    void whatTheRoleSetsByItselfIsTold() {
        server.execute("ALTER ROLE " + TlsServer.ROLE + " SET statement_timeout = '7s'");

        assertThat(verify().lines("session", INFO))
                .singleElement()
                .asString()
                .startsWith("role has statement_timeout 7000 ms, ");
    }

    @Test
    void credentialsThatAreRejectedAreFoundAndNotShown() {
        server.use(Setup.withoutTls().admitting("host scram-sha-256"));

        Ran ran = run(url(DATABASE).replace(TlsServer.PASSWORD, "open-sesame"), Map.of());

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.lines("login", ERROR))
                .containsExactly("DATABASE_URL leads to no connection: SQLSTATE 28P01 (the server says: password"
                        + " authentication failed for user \"holdfast\"); mend the user name or the password");
        assertThat(ran.out() + ran.err()).doesNotContain("open-sesame");
        assertThat(verify().lines("login", ERROR)).isEmpty();
    }

    @Test
    void aPasswordFromAFileIsUsed(@TempDir Path directory) throws IOException {
        server.use(Setup.withoutTls().admitting("host scram-sha-256"));
        Path file = directory.resolve("password");
        String url = url(DATABASE).replace(":" + TlsServer.PASSWORD, "");

        Ran missing = run(url, Map.of("DB_PASSWORD_FILE", file.toString()));
        Files.writeString(file, TlsServer.PASSWORD + "\n");
        Ran there = run(url, Map.of("DB_PASSWORD_FILE", file.toString()));

        assertThat(missing.lines("reach", INFO))
                .containsExactly("server was not asked: the configuration must be mended first");
        assertThat(there.lines("login", INFO)).containsExactly("server lets the service in, in plaintext");
        assertThat(there.lines("server", INFO)).isNotEmpty();
        assertThat(there.out() + there.err()).doesNotContain(TlsServer.PASSWORD);
    }

    @Test
    void aDatabaseThatIsNotThereIsFound() {
        assertThat(run(url("nowhere"), Map.of()).lines("login", ERROR))
                .containsExactly("DATABASE_URL leads to no connection: SQLSTATE 3D000 (the server says: database"
                        + " \"nowhere\" does not exist); mend the database's name, or create it");
    }

    @Test
    void aConfigurationThatCanNotBeUsedIsMendedBeforeTheServerIsAsked() {
        Ran ran = verify(Map.of("DB_CONNECT_TIMEOUT", "0"));

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.lines("reach", INFO))
                .containsExactly("server was not asked: the configuration must be mended first");
    }

    @Test
    void aHostThatDoesNotAnswerIsFound() {
        assertThat(run("postgresql://u:p@127.0.0.1:1/d", Map.of()).lines("reach", ERROR))
                .singleElement()
                .asString()
                .startsWith("DATABASE_URL has a host where nothing answers on the port (127.0.0.1)");
        assertThat(run("postgresql://u:p@holdfast.invalid/d", Map.of()).lines("reach", ERROR))
                .singleElement()
                .asString()
                .startsWith("DATABASE_URL has a host that is unknown here");
    }

    private Ran verify(String... arguments) {
        return verify(Map.of(), arguments);
    }

    private Ran verify(Map<String, String> environment, String... arguments) {
        return run(url(DATABASE), environment, arguments);
    }

    private Ran run(String url, Map<String, String> environment, String... arguments) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("DATABASE_URL", url);
        all.putIfAbsent("DB_CONNECTION_LIMIT", "10");
        all.put("HOLDFAST_ADMIN_KEY", "0123456789abcdef");
        List<String> json = new ArrayList<>(List.of(arguments));
        json.add("--json");
        return Ran.verify(all, json.toArray(String[]::new));
    }

    private String url(String database) {
        return server.url("127.0.0.1").replaceFirst("/holdfast$", "/" + database + PLAIN);
    }

    private static ConnectionUri owner(String database) {
        return ConnectionUri.parse("postgresql://postgres@127.0.0.1:" + server.port() + "/" + database + PLAIN);
    }

    private static void owned(String... statements) {
        execute(owner(DATABASE), statements);
    }

    private static void execute(ConnectionUri uri, String... statements) {
        try (Connection connection = Migrator.dataSource(uri).getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
