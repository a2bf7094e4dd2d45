package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.INFO;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.TlsServer;
import dev.holdfast.testkit.TlsServer.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says of a real PgBouncer in front of a real PostgreSQL. */
class PoolerTest {

    private static final String IGNORE =
            "\nignore_startup_parameters = jit,statement_timeout,idle_in_transaction_session_timeout,synchronous_commit";

    private final TlsServer server = TlsServer.shared();

    @TempDir
    Path directory;

    @BeforeEach
    void letIn() {
        server.use(Setup.withoutTls());
    }

    @ParameterizedTest
    @CsvSource({
        "session, INFO, pooler is in session mode",
        "transaction, INFO, pooler is in transaction mode",
        "statement, ERROR, pooler is in statement mode",
    })
    void itsModeIsFound(String mode, Severity severity, String line) throws IOException {
        try (PgBouncer bouncer = PgBouncer.start(directory, server.port(), "pool_mode = " + mode + IGNORE)) {
            Ran ran = verify(bouncer.port, "0");

            assertThat(ran.lines("pooler", severity))
                    .as(ran.out())
                    .singleElement()
                    .asString()
                    .startsWith(line);
            assertThat(ran.lines("login", ERROR)).isEmpty();
            assertThat(ran.lines("capacity", INFO)).singleElement().asString().contains("connections to the pooler");
            assertThat(ran.lines("session", WARNING))
                    .contains("role has statement_timeout 0ms, and behind a pooler the service can't set it to 30000ms;"
                            + " ALTER ROLE \"holdfast\" SET statement_timeout = '30000ms'");
        }
    }

    @Test
    void whatItRefusesAtTheStartOfAConnectionIsToBeIgnoredByIt() throws IOException {
        try (PgBouncer bouncer = PgBouncer.start(directory, server.port(), "pool_mode = transaction")) {
            assertThat(verify(bouncer.port, "0").lines("login", ERROR))
                    .containsExactly(
                            "DATABASE_URL leads to a PgBouncer that refuses what the service sets at the start of"
                                    + " a connection; set ignore_startup_parameters ="
                                    + " jit,statement_timeout,idle_in_transaction_session_timeout,synchronous_commit in it, and"
                                    + " these on the role: ALTER ROLE ... SET ...");
        }
    }

    @Test
    void preparedStatementsThatItMixesUpAreFound() throws IOException {
        String settings = "pool_mode = transaction" + IGNORE + PgBouncer.mixingUpStatements();
        try (PgBouncer bouncer = PgBouncer.start(directory, server.port(), settings)) {
            assertThat(verify(bouncer.port, "200").lines("pooler", ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("DB_STATEMENT_CACHE_SIZE is 200, but this pooler mixes up prepared statements");
            assertThat(verify(bouncer.port, "0").lines("pooler", ERROR)).isEmpty();
        }
    }

    @Test
    void withoutOneNothingIsSaidOfIt() {
        Ran ran = verify(server.port(), "200");

        assertThat(List.of(ran.lines("pooler", INFO), ran.lines("pooler", ERROR)))
                .containsOnly(List.of());
    }

    private static Ran verify(int port, String statements) {
        String url = "postgresql://" + TlsServer.ROLE + ":" + TlsServer.PASSWORD + "@127.0.0.1:" + port
                + "/holdfast?sslmode=disable";
        return Ran.verify(Map.of("DATABASE_URL", url, "DB_STATEMENT_CACHE_SIZE", statements), "--json");
    }
}
