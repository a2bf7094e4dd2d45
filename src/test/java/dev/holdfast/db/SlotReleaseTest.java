package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.db.DbException.Kind;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a statement ends, and whenever its caller leaves, the slot is free again and everything is counted once. */
class SlotReleaseTest {

    private final DatabaseRig rig = new DatabaseRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void onSuccess() {
        assertThat(get(rig.read("SELECT 42 AS answer")).iterator().next().getInteger("answer"))
                .isEqualTo(42);

        PoolFigures figures = rig.atRest();
        assertThat(figures.asked()).isEqualTo(1);
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(figures.idle()).isEqualTo(1);
        assertThat(figures.usage().count()).isEqualTo(1);
        assertThat(rig.db().operations().get("test.read").succeeded()).isEqualTo(1);
    }

    @Test
    void onBadSql() {
        DbException failure = failureOf(rig.read("SELEC 1"));

        assertThat(failure.kind()).isEqualTo(Kind.INTERNAL);
        assertThat(failure.sqlState()).isEqualTo("42601");
        assertThat(failure.writeSent()).isFalse();
        theConnectionIsKept();
        assertThat(rig.db().operations().get("test.read").errors()).containsEntry("internal", 1L);
    }

    @Test
    void onAConstraintViolation() {
        get(rig.write("CREATE TEMP TABLE t (id int CONSTRAINT only_positive CHECK (id > 0))"));

        DbException failure = failureOf(rig.write("INSERT INTO t VALUES (-1)"));

        assertThat(failure.kind()).isEqualTo(Kind.CONSTRAINT);
        assertThat(failure.constraint()).isEqualTo("only_positive");
        assertThat(failure.sqlState()).isEqualTo("23514");
        assertThat(failure.writeSent()).isTrue();
        assertThat(failure.replayed()).isFalse();
        assertThat(rig.atRest().acquired()).isEqualTo(2);
        assertThat(rig.figures().closed()).isZero();
    }

    @Test
    void onAStatementTimeout() {
        rig.config.statementTimeout = Duration.ofMillis(100);

        assertThat(failureOf(rig.read("SELECT pg_sleep(20)")).kind()).isEqualTo(Kind.STATEMENT_TIMEOUT);
        theConnectionIsKept();
    }

    @Test
    void onAMapperThatThrows() {
        for (Throwable thrown : new Throwable[] {new IllegalStateException("mine"), new AssertionError("mine")}) {
            Function<Object, Object> mapper = rows -> {
                if (thrown instanceof Error e) {
                    throw e;
                }
                throw (RuntimeException) thrown;
            };
            assertThatThrownBy(() -> get(rig.db()
                            .query(
                                    ticket(DatabaseRig.LONG),
                                    Statement.read("test.read", "SELECT 1"),
                                    Tuple.tuple(),
                                    mapper::apply)))
                    .satisfiesAnyOf(
                            failure -> assertThat(failure).isSameAs(thrown),
                            failure -> assertThat(failure).hasCause(thrown));
        }
        assertThat(rig.atRest().acquired()).isEqualTo(2);
        assertThat(rig.figures().closed()).isZero();
        assertThat(rig.db().operations().get("test.read").succeeded())
                .as("PostgreSQL did its part")
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"SELECT 1, 7", "SELECT $1::int, seven"})
    void onParametersThatDoNotFit(String sql, String parameter) {
        DbException failure = failureOf(rig.write(sql, parameter));

        assertThat(failure.kind()).as("and not a lost connection").isEqualTo(Kind.INTERNAL);
        assertThat(failure.getCause()).hasMessageNotContaining("seven");
        theConnectionIsKept();
    }

    @Test
    void onAParameterThatCannotBeEncoded() {
        assertThat(failureOf(rig.read("SELECT $1::jsonb", new JsonObject().put("a", new Object())))
                        .kind())
                .isEqualTo(Kind.INTERNAL);

        for (int i = 0; i < 5; i++) {
            get(rig.read("SELECT 1"));
        }
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).as("nobody else was hit").isEqualTo(6);
        assertThat(figures.closed()).isEqualTo(1);
        assertThat(figures.dropped()).isZero();
    }

    @Test
    void onCancellationWhileQueued() {
        rig.config.maxSize = 1;
        Cancellable running = start("SELECT pg_sleep(20)");
        rig.awaitActive(1);
        Cancellable queued = start("SELECT 1");
        soon().until(() -> rig.figures().waiting() == 1);

        queued.cancel();
        soon().until(() -> rig.figures().waiting() == 0);
        running.cancel();

        PoolFigures figures = rig.atRest();
        assertThat(figures.asked()).isEqualTo(2);
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(figures.cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "SILENT, disable",
        "SILENT, prefer",
        "SILENT, require",
        "SILENT_IN_TLS, prefer",
        "SILENT_IN_TLS, require",
    })
    void onCancellationWhileConnectingToAServerThatFallsSilent(FaultyServer.Mode mode, String sslMode) {
        rig.config.connectTimeout = Duration.ofMillis(300);
        rig.config.sslMode = Optional.of(sslMode);
        try (FaultyServer silent = new FaultyServer(rig.vertx, rig.serverPort(), mode)) {
            rig.port(silent.port());
            Cancellable connecting = start("SELECT 1");
            soon().until(() -> silent.open() == 1);
            assertThat(rig.figures().opening()).isEqualTo(1);

            connecting.cancel();

            PoolFigures figures = rig.atRest();
            assertThat(figures.asked()).isEqualTo(1);
            assertThat(figures.cancelled()).isEqualTo(1);
            assertThat(figures.connectFailures()).isEqualTo(1);
            assertThat(figures.opened()).isZero();
            soon().untilAsserted(() ->
                    assertThat(silent.open()).as("sockets left open").isZero());
            assertThat(silent.accepted())
                    .as("no second attempt after the time was up")
                    .isEqualTo(1);
        }
    }

    @Test
    void onCancellationWhileConnectingToAServerThatAnswers() {
        start("SELECT 1").cancel();

        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isLessThanOrEqualTo(1);
        assertThat(figures.asked()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"disable", "prefer"})
    void onCancellationWhileRunningTheBackendIsCancelledToo(String sslMode) {
        rig.config.sslMode = Optional.of(sslMode);
        Cancellable running = start("SELECT pg_sleep(60)");
        rig.awaitActive(1);

        running.cancel();

        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(figures.cancelled())
                .as("of those that had a connection none is")
                .isZero();
        assertThat(figures.opened()).isEqualTo(1);
        assertThat(figures.closed()).isEqualTo(1);
        assertThat(figures.dropped()).isZero();
    }

    @Test
    void onCancellationOfAStatementThatEndsSoonTheConnectionIsKept() {
        get(rig.read("SELECT 1"));
        rig.read("SELECT 2").subscribe().with(rows -> {}).cancel();

        soon().until(() -> rig.figures().inUse() == 0);
        assertThat(rig.atRest().closed()).isZero();
    }

    @Test
    void onCancellationDuringTheBackoffBeforeARetry() {
        rig.server.execute("""
                CREATE OR REPLACE FUNCTION holdfast_test_fail(state text) RETURNS boolean LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'on demand' USING ERRCODE = state; END $$
                """);
        Cancellable retrying = start("SELECT holdfast_test_fail('40001')");
        soon().until(() -> retried() >= 4);

        retrying.cancel();

        soon().until(() -> rig.figures().inUse() == 0);
        long acquired = rig.figures().acquired();
        soon().during(Duration.ofMillis(200)).until(() -> rig.figures().acquired() <= acquired);
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isBetween(4L, 6L).isEqualTo(figures.asked());
        assertThat(figures.closed()).isZero();
        assertThat(rig.db().operations().get("test.read").errors()).isEmpty();
    }

    @Test
    void onTheRequestsDeadlineTheStatementIsCancelled() {
        DbException failure = failureOf(rig.db()
                .query(
                        ticket(Duration.ofMillis(200)),
                        Statement.write("test.write", "SELECT pg_sleep(60)"),
                        Tuple.tuple(),
                        rows -> rows));

        assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
        assertThat(failure.writeSent()).isTrue();
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(figures.closed()).isEqualTo(1);
        assertThat(figures.dropped()).isZero();
    }

    @Test
    void onTheRequestsDeadlineInTheQueue() {
        rig.config.maxSize = 1;
        Cancellable running = start("SELECT pg_sleep(20)");
        rig.awaitActive(1);

        DbException failure = failureOf(rig.db()
                .query(
                        ticket(Duration.ofMillis(50)),
                        Statement.write("test.write", "SELECT 1"),
                        Tuple.tuple(),
                        rows -> rows));

        assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
        assertThat(failure.writeSent()).as("nothing was sent").isFalse();
        assertThat(failure).hasMessageContaining("1 in use");
        running.cancel();
        assertThat(rig.atRest().timedOut()).isEqualTo(1);
    }

    private void theConnectionIsKept() {
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(1);
        assertThat(figures.idle()).isEqualTo(1);
        assertThat(figures.closed()).isZero();
        assertThat(figures.dropped()).isZero();
    }

    private long retried() {
        OperationFigures.View view = rig.db().operations().get("test.read");
        return view == null ? 0 : view.retried();
    }

    private Cancellable start(String sql) {
        return rig.read(sql).subscribe().with(rows -> {}, failure -> {});
    }

    @Test
    void aConnectionWhoseTransactionWasLeftOpenIsEndedAndItsBackendGone() {
        get(rig.run(Statement.write("test.begin", "BEGIN")));

        soon().until(() -> rig.figures().closed() == 1);
        assertThat(rig.atRest().idle()).isZero();
        soon().until(() -> rig.backends() == 0);
    }
}
