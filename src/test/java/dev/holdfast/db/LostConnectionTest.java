package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DbException.Kind;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that PostgreSQL or the network ends, and what becomes of the work on them. */
class LostConnectionTest {

    private final DatabaseRig rig = new DatabaseRig();
    private final String table = "lost_" + UUID.randomUUID().toString().replace("-", "");
    private final int lock = table.hashCode();
    private Connection holder;

    /** Somebody holds the lock that every insert wants, until {@link #letGo}. */
    @BeforeEach
    void createTable() throws SQLException {
        rig.server.execute("CREATE TABLE " + table + " (id int PRIMARY KEY)");
        holder = rig.server.connection();
        try (java.sql.Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + lock + ")");
        }
    }

    private void letGo() throws SQLException {
        holder.close();
    }

    private Uni<Boolean> insert(int id, Duration deadline) {
        Statement insert = Statement.write(
                "test.write",
                "INSERT INTO " + table + " SELECT $1::int FROM (SELECT pg_advisory_xact_lock(" + lock + ")) held");
        return rig.db().query(ticket(deadline), insert, Tuple.of(id), (rows, replayed) -> replayed);
    }

    @AfterEach
    void close() throws SQLException {
        letGo();
        rig.close();
        rig.server.execute("DROP TABLE " + table);
    }

    @Test
    void anIdleConnectionLeavesThePoolAtOnceAndIsReplacedOnDemand() {
        get(rig.read("SELECT 1"));

        rig.terminateBackends();

        soon().until(() -> rig.figures().closed() == 1);
        PoolFigures figures = rig.atRest();
        assertThat(figures.idle()).isZero();
        assertThat(figures.dropped()).isEqualTo(1);
        assertThat(figures.lastDrop().reason())
                .as("PostgreSQL's word, unless the socket's end overtakes it")
                .isIn("SQLSTATE 57P01 idle", "SocketException idle");
        get(rig.read("SELECT 1"));
        assertThat(rig.atRest().opened()).isEqualTo(2);
    }

    @Test
    void aReadIsRunAgainOnAnotherConnection() throws Exception {
        CompletableFuture<Boolean> replayed = rig.db()
                .query(
                        ticket(DatabaseRig.LONG),
                        Statement.read("test.read", "SELECT pg_sleep(0.5)"),
                        Tuple.tuple(),
                        (rows, again) -> again)
                .subscribeAsCompletionStage();
        rig.awaitActive(1);

        rig.terminateBackends();

        assertThat(replayed.get()).isTrue();
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(2);
        assertThat(figures.dropped()).isEqualTo(1);
        assertThat(figures.lastDrop().reason()).endsWith("in use");
        OperationFigures.View view = rig.db().operations().get("test.read");
        assertThat(view.succeeded()).isEqualTo(1);
        assertThat(view.retried()).isEqualTo(1);
        assertThat(view.errors()).isEmpty();
    }

    @Test
    void aWriteThatWasNotDoneIsDoneByItsReplayAndTheMapperIsTold() throws Exception {
        CompletableFuture<Boolean> replayed = insert(7, DatabaseRig.LONG).subscribeAsCompletionStage();
        rig.awaitActive(1);

        rig.terminateBackends();
        letGo();

        assertThat(replayed.get()).isTrue();
        assertThat(rows()).isEqualTo(1);
        assertThat(rig.atRest().dropped()).isEqualTo(1);
    }

    @Test
    void aWriteThatWasDoneIsRefusedOnReplayAndTheFailureSaysSo() throws Exception {
        CompletableFuture<Boolean> answer = insert(7, DatabaseRig.LONG).subscribeAsCompletionStage();
        rig.awaitActive(1);
        // As if the first sending had been committed before its connection went.
        rig.server.execute("INSERT INTO " + table + " VALUES (7)");

        rig.terminateBackends();
        letGo();

        DbException failure = failureOf(Uni.createFrom().completionStage(answer));
        assertThat(failure.kind()).isEqualTo(Kind.CONSTRAINT);
        assertThat(failure.constraint()).isEqualTo(table + "_pkey");
        assertThat(failure.replayed()).isTrue();
        assertThat(failure.writeSent()).isTrue();
        assertThat(rows()).isEqualTo(1);
        rig.atRest();
    }

    @Test
    void aWriteIsReplayedOnceAnOutageIsOver() throws Exception {
        rig.config.outageAfter = Duration.ofMillis(100);
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            CompletableFuture<Boolean> replayed = insert(7, DatabaseRig.LONG).subscribeAsCompletionStage();
            rig.awaitActive(1);

            proxy.mode = FaultyServer.Mode.CLOSE;
            rig.terminateBackends();
            soon().until(() -> rig.figures().refused() > 1);
            assertThat(replayed).as("it waits for the outage's end").isNotDone();
            proxy.mode = FaultyServer.Mode.PASS;
            letGo();

            assertThat(replayed.get()).isTrue();
            assertThat(rows()).isEqualTo(1);
            rig.atRest();
        }
    }

    @Test
    void aWriteThatCannotBeSettledInTimeHasAnUnknownOutcome() {
        rig.config.outageAfter = Duration.ofMillis(100);
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            CompletableFuture<Boolean> answer = insert(7, Duration.ofSeconds(2)).subscribeAsCompletionStage();
            rig.awaitActive(1);

            proxy.mode = FaultyServer.Mode.CLOSE;
            rig.terminateBackends();

            DbException failure = failureOf(Uni.createFrom().completionStage(answer));
            assertThat(failure.kind()).isIn(Kind.OUTCOME_UNKNOWN, Kind.DEADLINE_EXCEEDED);
            assertThat(failure.writeSent()).isTrue();
            assertThat(failure.replayed()).isTrue();
        }
    }

    @Test
    void aReadThatMeetsAnOutageIsRefusedAtOnce() {
        rig.config.outageAfter = Duration.ofMillis(100);
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            CompletableFuture<?> answer = rig.read("SELECT pg_sleep(20)").subscribeAsCompletionStage();
            rig.awaitActive(1);

            proxy.mode = FaultyServer.Mode.CLOSE;
            rig.terminateBackends();

            DbException failure = failureOf(Uni.createFrom().completionStage(answer));
            assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failure.writeSent()).isFalse();
        }
    }

    @Test
    void aConnectionThatFellSilentWhileItRestedIsFoundOutBeforeAStatementIsSent() {
        rig.config.idleCheck = Duration.ZERO;
        rig.config.maxSize = 3;
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            get(rig.read("SELECT 1"));
            get(rig.read("SELECT 2"));
            proxy.fallSilent();

            assertThat(get(rig.write("SELECT 3")).size()).isEqualTo(1);

            PoolFigures figures = rig.figures();
            assertThat(figures.lastDrop().reason()).isEqualTo("no answer to a check");
            assertThat(figures.dropped()).isEqualTo(1);
            assertThat(rig.db().operations().get("test.write").retried()).isZero();
        }
    }

    private long rows() {
        return rig.server.value(Long.class, "SELECT count(*) FROM " + table);
    }
}
