package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DbException.Kind;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Tuple;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseTest {

    private final DatabaseRig rig = new DatabaseRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void whileSevenStatementsSleepThePoolAndPostgresBothSaySeven() {
        List<Cancellable> sleeping = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            sleeping.add(rig.read("SELECT pg_sleep(30)").subscribe().with(rows -> {}, failure -> {}));
        }
        rig.awaitActive(7);

        PoolFigures figures = rig.figures();
        assertThat(figures.inUse()).isEqualTo(7);
        assertThat(figures.idle()).isZero();
        assertThat(figures.utilization()).isEqualTo(0.14);
        assertThat(figures.projects()).containsExactly(new PoolFigures.Project("p", 7, 0));

        sleeping.forEach(Cancellable::cancel);
        rig.atRest();
    }

    @Test
    void neverMoreConnectionsThanTheLimitHoweverManyAsk() {
        rig.config.maxSize = 5;
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(rig.read("SELECT pg_sleep(0.01)").subscribeAsCompletionStage());
        }
        long most = 0;
        while (!all.stream().allMatch(CompletableFuture::isDone)) {
            most = Math.max(most, rig.backends());
        }
        assertThat(most).isBetween(1L, 5L);
        assertThat(rig.atRest().acquired()).isEqualTo(100);
        assertThat(rig.figures().opened()).isEqualTo(5);
    }

    @Test
    void everyConnectionHasItsSettings() {
        rig.config.statementTimeout = Duration.ofMillis(12_345);
        rig.config.idleInTransactionTimeout = Duration.ofMillis(23_456);
        rig.config.synchronousCommit = "local";

        assertThat(setting("jit")).isEqualTo("off");
        assertThat(setting("statement_timeout")).isEqualTo("12345ms");
        assertThat(setting("idle_in_transaction_session_timeout")).isEqualTo("23456ms");
        assertThat(setting("synchronous_commit")).isEqualTo("local");
        assertThat(setting("application_name")).isEqualTo(rig.config.applicationName);
        assertThat(setting("TimeZone")).isEqualTo("UTC");
        assertThat(setting("client_encoding")).isEqualTo("UTF8");
        assertThat(setting("DateStyle")).startsWith("ISO");
    }

    @Test
    void aStatementCacheOfZeroKeepsNoPreparedStatements() {
        String count = "SELECT count(*) AS n FROM pg_prepared_statements WHERE name <> ''";
        rig.config.statementCacheSize = 0;
        rig.config.maxSize = 1;
        get(rig.read("SELECT 1"));
        assertThat(get(rig.read(count)).iterator().next().getLong("n")).isZero();
    }

    @Test
    void theStatementCacheKeepsAsManyAsConfigured() {
        rig.config.statementCacheSize = 3;
        rig.config.maxSize = 1;
        for (int i = 0; i < 10; i++) {
            get(rig.read("SELECT " + i));
        }
        String count = "SELECT count(*) AS n FROM pg_prepared_statements WHERE name <> ''";
        assertThat(get(rig.read(count)).iterator().next().getLong("n")).isLessThanOrEqualTo(4);
    }

    @Test
    void resultsArriveOnTheCallersContext() throws Exception {
        VertxInternal vertx = (VertxInternal) rig.vertx;
        get(rig.read("SELECT 1"));
        Set<Object> loops = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            // There is one connection: all but one of these event loops are not its own.
            Context context = vertx.createEventLoopContext();
            CompletableFuture<Context> seen = new CompletableFuture<>();
            CompletableFuture<Context> mapped = new CompletableFuture<>();
            context.runOnContext(v -> rig.read("SELECT 1")
                    .map(rows -> mapped.complete(Vertx.currentContext()))
                    .subscribe()
                    .with(done -> seen.complete(Vertx.currentContext()), seen::completeExceptionally));
            assertThat(seen.get(10, TimeUnit.SECONDS)).isSameAs(context);
            assertThat(mapped.get(10, TimeUnit.SECONDS)).isSameAs(context);
            loops.add(((ContextInternal) context).nettyEventLoop());
        }
        assertThat(loops).hasSizeGreaterThan(1);
        assertThat(rig.figures().opened()).isEqualTo(1);
    }

    @Test
    void failuresArriveOnTheCallersContextToo() throws Exception {
        Context context = rig.vertx.getOrCreateContext();
        CompletableFuture<Context> seen = new CompletableFuture<>();
        context.runOnContext(v ->
                rig.read("SELEC 1").subscribe().with(rows -> {}, failure -> seen.complete(Vertx.currentContext())));
        assertThat(seen.get(10, TimeUnit.SECONDS)).isSameAs(context);
    }

    @Test
    void whatCannotBeDoneInTimeIsNotBegun() {
        Statement slow = Statement.read("test.slow", "SELECT pg_sleep(0.4)");
        get(rig.run(slow));
        long asked = rig.figures().asked();

        DbException failure = failureOf(
                rig.db().query(DatabaseRig.ticket(Duration.ofMillis(100)), slow, Tuple.tuple(), rows -> rows));

        assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
        assertThat(failure.writeSent()).isFalse();
        assertThat(rig.figures().asked()).isEqualTo(asked);
        get(rig.run(slow));
    }

    @Test
    void wrongCredentialsAreToldAtOnce() {
        try (FaultyServer server = new FaultyServer(rig.vertx, 0, FaultyServer.Mode.WRONG_PASSWORD)) {
            rig.port(server.port());
            rig.config.outageAfter = Duration.ofMinutes(1);

            DbException failure = failureOf(rig.read("SELECT 1"));

            assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS_REJECTED);
            assertThat(failure).hasMessage("PostgreSQL rejects our credentials (SQLSTATE 28P01).");
            assertThat(server.accepted())
                    .as("once for TLS, once without, and not again for the password")
                    .isEqualTo(2);
            assertThat(failureOf(rig.read("SELECT 1")).kind()).isEqualTo(Kind.CREDENTIALS_REJECTED);
            PoolFigures figures = rig.figures();
            assertThat(figures.connectFailed()).isEqualTo(1);
            assertThat(figures.refused()).isEqualTo(1);
        }
    }

    @Test
    void aRoleThatDoesNotExistIsRejectedCredentials() {
        rig.config.url =
                Optional.of(rig.server.url().replaceFirst("//[^@]*@", "//nobody_" + System.nanoTime() + ":x@"));

        assertThat(failureOf(rig.read("SELECT 1")).kind()).isEqualTo(Kind.CREDENTIALS_REJECTED);
    }

    @Test
    void aDatabaseThatIsAwayIsToldAfterAWhileThenAtOnceAndThePoolRecoversByItself() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        rig.port(port);
        rig.config.outageAfter = Duration.ofMillis(300);

        long start = System.nanoTime();
        DbException failure = failureOf(rig.read("SELECT 1"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(300));
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure).hasMessage("PostgreSQL can't be reached (connection refused).");
        assertThat(failure.retryAfter()).isNotNull();
        assertThat(failureOf(rig.read("SELECT 1")).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(rig.figures().connectFailed()).isEqualTo(1);
        assertThat(rig.figures().refused()).isEqualTo(1);

        try (FaultyServer back = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS, port)) {
            soon().until(() -> rig.figures().idle() == 1);
            get(rig.read("SELECT 1"));
            rig.atRest();
        }
    }

    private String setting(String name) {
        return get(rig.read("SELECT current_setting($1) AS value", name))
                .iterator()
                .next()
                .getString("value");
    }
}
