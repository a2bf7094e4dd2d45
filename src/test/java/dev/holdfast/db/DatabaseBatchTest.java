package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.LONG;
import static dev.holdfast.db.DatabaseRig.soon;
import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.db.DbException.Kind;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads that are done by one statement for several: each has its own answer, and its own end. */
class DatabaseBatchTest {

    private static final int LOCK = 4711;

    /** Its row among several has no place. */
    private static final int MISPLACED = 49;

    /** It is not answered together with others, and alone it waits for the lock. */
    private static final int ALONE_AND_WAITS = 99;

    /** Tells 100 / n: 0 has no answer of its own, 1 none when it is asked together, -1 none at all; more than 50 waits. */
    private static final class Hundredth implements BatchRead<Integer, Integer> {

        private static final String VALUE = "CASE WHEN n > 50 THEN (SELECT n FROM (SELECT pg_advisory_xact_lock(" + LOCK
                + ")) held) ELSE 100 / n END";

        @Override
        public Statement one() {
            return Statement.read("test.one", "SELECT " + VALUE + " AS v FROM (SELECT $2::int AS n) a WHERE n >= 0");
        }

        @Override
        public Tuple params(String project, Integer n) {
            return Tuple.of(project, n);
        }

        @Override
        public Statement several() {
            return Statement.read(
                    "test.several",
                    "SELECT CASE WHEN n NOT IN (1, " + ALONE_AND_WAITS + ") THEN " + VALUE + " END AS v,"
                            + " CASE WHEN n = " + MISPLACED + " THEN 1000 ELSE i END AS i"
                            + " FROM unnest($2::int[]) WITH ORDINALITY AS a (n, i) WHERE n >= 0");
        }

        @Override
        public Tuple params(String project, List<Integer> all) {
            return Tuple.of(project).addArrayOfInteger(all.toArray(Integer[]::new));
        }

        @Override
        public Integer answer(Row row) {
            return row == null ? null : row.getInteger(0);
        }

        @Override
        public boolean isWhole(Row row) {
            return row.getInteger(0) != null;
        }
    }

    private final Hundredth read = new Hundredth();
    private final DatabaseRig rig = new DatabaseRig();
    private Connection holder;
    private Cancellable busy;

    @BeforeEach
    void oneConnection() throws SQLException {
        rig.config.maxSize = 1;
        // However slow this machine is, they are served in the order in which they came.
        rig.config.lifoAfter = Duration.ofHours(1);
        holder = rig.server.connection();
        try (java.sql.Statement lock = holder.createStatement()) {
            lock.execute("SELECT pg_advisory_lock(" + LOCK + ")");
        }
    }

    @AfterEach
    void close() throws SQLException {
        holder.close();
        rig.close();
    }

    private CompletableFuture<Integer> ask(int n) {
        return ask(n, LONG);
    }

    private CompletableFuture<Integer> ask(int n, Duration deadline) {
        return rig.db().query(ticket(deadline), read, n).subscribeAsCompletionStage();
    }

    /** Asks for all of them while the only connection is lent, so that they go together. */
    private List<CompletableFuture<Integer>> together(int... asked) {
        busy();
        List<CompletableFuture<Integer>> all =
                IntStream.of(asked).mapToObj(this::ask).toList();
        free(asked.length);
        return all;
    }

    /** However slow this machine is, whoever is asked for alone has his turn on the same connection. */
    private void takeTurns() {
        rig.db().turns = LONG.toNanos();
    }

    /** Lends the only connection. */
    private void busy() {
        busy = rig.run(Statement.read("test.busy", "SELECT pg_advisory_xact_lock(" + LOCK + ")"))
                .subscribe()
                .with(rows -> {}, failure -> {});
        rig.awaitActive(1);
    }

    /** Ends what the only connection is lent to, once so many wait. */
    private void free(int waiting) {
        soon().until(() -> rig.figures().waiting() == waiting);
        long before = rig.figures().batched();
        busy.cancel();
        soon().until(() -> rig.figures().batched() == before + waiting - 1);
    }

    private static int answer(CompletableFuture<Integer> asked) throws Exception {
        return asked.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private static DbException failure(CompletableFuture<Integer> asked) {
        return (DbException)
                catchThrowableOfType(CompletionException.class, asked::join).getCause();
    }

    /** Longer than a statement is left to finish for. */
    private void graceHasPassed() {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        rig.vertx.setTimer(300, id -> passed.complete(null));
        passed.join();
    }

    private void letGo() throws SQLException {
        holder.close();
    }

    private long succeeded(String operation) {
        OperationFigures.View view = rig.db().operations().get(operation);
        return view == null ? 0 : view.succeeded();
    }

    @Test
    void eachHasItsOwnRowOfOneStatement() throws Exception {
        List<CompletableFuture<Integer>> all = together(10, 20, -1, 50);

        assertThat(answer(all.get(0))).isEqualTo(10);
        assertThat(answer(all.get(1))).isEqualTo(5);
        assertThat(all.get(2).get()).isNull();
        assertThat(answer(all.get(3))).isEqualTo(2);
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(5);
        assertThat(figures.batched()).isEqualTo(3);
        assertThat(figures.usage().count()).isEqualTo(2);
        assertThat(succeeded("test.one"))
                .as("each is counted as what was asked for")
                .isEqualTo(4);
    }

    @Test
    void theFailureOfOneIsNotTheOthers() throws Exception {
        takeTurns();
        List<CompletableFuture<Integer>> all = together(10, 0, 20);

        assertThat(answer(all.get(0))).isEqualTo(10);
        assertThat(failure(all.get(1)).sqlState()).isEqualTo("22012");
        assertThat(answer(all.get(2))).isEqualTo(5);
        assertThat(rig.atRest().acquired())
                .as("the same connection is used for each alone")
                .isEqualTo(4);
        assertThat(rig.figures().usage().count()).isEqualTo(2);
    }

    @Test
    void whoCannotBeAnsweredTogetherIsAskedForAlone() throws Exception {
        takeTurns();
        List<CompletableFuture<Integer>> all = together(10, 1, 20, 1);

        assertThat(answer(all.get(0))).isEqualTo(10);
        assertThat(answer(all.get(1))).isEqualTo(100);
        assertThat(answer(all.get(2))).isEqualTo(5);
        assertThat(answer(all.get(3))).isEqualTo(100);
        assertThat(rig.atRest().acquired()).isEqualTo(5);
    }

    @Test
    void rowsThatCannotBeToldApartLeaveNobodyWithoutAnAnswerAndNoConnectionLent() throws Exception {
        List<CompletableFuture<Integer>> all = together(10, MISPLACED, 20);

        assertThat(answer(all.get(0))).isEqualTo(10);
        assertThat(answer(all.get(1))).isEqualTo(100 / MISPLACED);
        assertThat(answer(all.get(2))).isEqualTo(5);
        assertThat(rig.atRest().dropped()).isZero();
    }

    @Test
    void whenOneHasGoneTheOthersGetTheirAnswers() throws Exception {
        List<CompletableFuture<Integer>> all = together(60, 10, 20);
        rig.awaitActive(1);

        all.get(0).cancel(false);
        graceHasPassed();
        letGo();

        assertThat(answer(all.get(1))).isEqualTo(10);
        assertThat(answer(all.get(2))).isEqualTo(5);
        assertThat(rig.atRest().opened()).as("that of the busy one, and theirs").isEqualTo(2);
        assertThat(succeeded("test.one")).isEqualTo(2);
    }

    @Test
    void whenAllHaveGoneTheStatementIsCancelled() {
        List<CompletableFuture<Integer>> all = together(10, 60, 20);
        rig.awaitActive(1);

        all.forEach(one -> one.cancel(false));

        soon().until(() -> rig.backends() == 0);
        assertThat(rig.atRest().closed()).isEqualTo(2);
    }

    @Test
    void aDeadlineIsEachOnesOwn() throws Exception {
        busy();
        CompletableFuture<Integer> patient = ask(60);
        CompletableFuture<Integer> hasty = ask(10, Duration.ofSeconds(2));
        free(2);

        assertThat(failure(hasty).kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
        assertThat(rig.figures().inUse()).isEqualTo(1);
        letGo();

        assertThat(answer(patient)).isEqualTo(60);
        assertThat(rig.atRest().opened()).isEqualTo(2);
        assertThat(rig.figures().dropped()).isZero();
    }

    @Test
    void whoeverHasGoneLeavesTheConnectionToWhomIsAskedForAloneAfterwards() throws Exception {
        // The second is not answered together with the first, and then waits for the lock.
        List<CompletableFuture<Integer>> all = together(10, ALONE_AND_WAITS);
        assertThat(answer(all.get(0))).isEqualTo(10);
        rig.awaitActive(1);
        graceHasPassed();
        letGo();

        assertThat(answer(all.get(1))).isEqualTo(ALONE_AND_WAITS);
        assertThat(rig.atRest().dropped()).isZero();
        assertThat(rig.db().operations().get("test.one").retried()).isZero();
    }

    @Test
    void whoLeavesDuringItsOwnStatementEndsItAndTheNextAreAskedForElsewhere() throws Exception {
        rig.config.statementTimeout = Duration.ofMinutes(1);
        List<CompletableFuture<Integer>> all = together(10, ALONE_AND_WAITS, 1);
        assertThat(answer(all.get(0))).isEqualTo(10);
        rig.awaitActive(1);

        all.get(1).cancel(false);

        assertThat(answer(all.get(2))).isEqualTo(100);
        rig.atRest();
    }

    @Test
    void whoLeftBeforeItsTurnIsPassedOver() throws Exception {
        takeTurns();
        List<CompletableFuture<Integer>> all = together(10, ALONE_AND_WAITS, 1);
        assertThat(answer(all.get(0))).isEqualTo(10);
        rig.awaitActive(1);
        all.get(2).cancel(false);
        graceHasPassed();
        letGo();

        assertThat(answer(all.get(1))).isEqualTo(ALONE_AND_WAITS);
        assertThat(rig.atRest().dropped()).isZero();
        assertThat(succeeded("test.one")).isEqualTo(2);
    }

    @Test
    void whatTheCallersLeftBehindTakesNoRetryFromTheBudget() {
        for (int i = 0; i < 3; i++) {
            List<CompletableFuture<Integer>> all = together(60, 10);
            rig.awaitActive(1);
            all.forEach(one -> one.cancel(false));
            soon().until(() -> rig.backends() == 0);
        }
        rig.atRest();
        for (int i = 0; i < 100; i++) {
            assertThat(rig.db().budget.take()).isTrue();
        }
    }

    @Test
    void whatWasLostWithTheConnectionIsAskedForAgain() throws Exception {
        List<CompletableFuture<Integer>> all = together(10, 60, 20);
        rig.awaitActive(1);

        rig.terminateBackends();
        letGo();

        assertThat(answer(all.get(0))).isEqualTo(10);
        assertThat(answer(all.get(1))).isEqualTo(60);
        assertThat(answer(all.get(2))).isEqualTo(5);
        assertThat(rig.atRest().dropped()).isEqualTo(1);
        assertThat(rig.db().operations().get("test.one").retried()).isEqualTo(3);
    }

    @Test
    void eachIsAnsweredOnItsOwnContext() throws Exception {
        List<Context> contexts = new ArrayList<>();
        List<CompletableFuture<Context>> seen = new ArrayList<>();
        busy();
        for (int i = 0; i < 4; i++) {
            Context context = ((VertxInternal) rig.vertx).createEventLoopContext();
            contexts.add(context);
            seen.add(contextOfAnswer(context, new ArrayList<>()));
        }
        free(4);

        for (int i = 0; i < 4; i++) {
            assertThat(seen.get(i).get(10, TimeUnit.SECONDS)).isSameAs(contexts.get(i));
        }
        assertThat(contexts.stream()
                        .map(context -> ((ContextInternal) context).nettyEventLoop())
                        .distinct()
                        .count())
                .isGreaterThan(1);
        rig.atRest();
    }

    @Test
    void whoIsLeftAloneBecauseTheFirstHasGoneIsAnsweredOnItsOwnContextToo() throws Exception {
        Context first = ((VertxInternal) rig.vertx).createEventLoopContext();
        Context other = ((VertxInternal) rig.vertx).createEventLoopContext();
        List<Cancellable> subscriptions = new ArrayList<>();
        busy();
        contextOfAnswer(first, subscriptions);
        soon().until(() -> rig.figures().waiting() == 1);
        CompletableFuture<Context> seen = contextOfAnswer(other, new ArrayList<>());
        soon().until(() -> rig.figures().waiting() == 2);

        // The first is cancelled on its own event loop while the connection is on its way there.
        CountDownLatch granted = new CountDownLatch(1);
        first.runOnContext(v -> {
            await(granted);
            subscriptions.get(0).cancel();
        });
        letGo();
        soon().until(() -> rig.figures().batched() == 1);
        granted.countDown();

        assertThat(seen.get(10, TimeUnit.SECONDS)).isSameAs(other);
        rig.atRest();
        assertThat(succeeded("test.one")).isEqualTo(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private CompletableFuture<Context> contextOfAnswer(Context caller, List<Cancellable> subscriptions) {
        CompletableFuture<Context> seen = new CompletableFuture<>();
        caller.runOnContext(v -> subscriptions.add(rig.db()
                .query(ticket(LONG), read, 10)
                .subscribe()
                .with(answer -> seen.complete(Vertx.currentContext()), seen::completeExceptionally)));
        return seen;
    }

    @Test
    void manyAtOnceAllGetTheirOwn() throws Exception {
        rig.config.maxSize = 4;
        rig.config.maxWaiting = 1_000;
        List<CompletableFuture<Integer>> all =
                IntStream.range(0, 400).mapToObj(i -> ask(2 + i % 40)).toList();
        for (int i = 0; i < all.size(); i++) {
            assertThat(answer(all.get(i))).isEqualTo(100 / (2 + i % 40));
        }
        PoolFigures figures = rig.atRest();
        assertThat(figures.acquired()).isEqualTo(400);
        assertThat(figures.batched()).isPositive();
        assertThat(succeeded("test.one")).isEqualTo(400);
    }
}
