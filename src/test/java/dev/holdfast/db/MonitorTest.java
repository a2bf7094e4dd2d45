package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DatabaseState.State;
import dev.holdfast.testkit.TlsServer;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorTest {

    private final DatabaseRig rig = new DatabaseRig();
    private Monitor monitor;

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.stop(null);
        }
        rig.close();
    }

    @Test
    void knowsNothingBeforeItsFirstAnswer() {
        DatabaseState state = monitor().state();

        assertThat(state.state()).isEqualTo(State.UNREACHABLE);
        assertThat(state.lastOkAt()).isNull();
        assertThat(state.lastError()).isEqualTo("no attempt has ended yet");
        assertThat(monitor().server()).isEmpty();
    }

    @Test
    void saysHowPostgresIsWithoutAConnectionOfThePool() {
        Instant before = Instant.now();
        monitor().start(null);

        awaitState(State.OK);
        DatabaseState state = monitor().state();
        assertThat(state.since()).isAfterOrEqualTo(before);
        assertThat(state.lastOkAt()).isAfterOrEqualTo(state.since());
        assertThat(state.latencyMillis()).isPositive();
        assertThat(state.lastError()).isNull();
        ServerFigures server = monitor().server().orElseThrow();
        assertThat(server.maxConnections())
                .isEqualTo(Integer.parseInt(rig.server.value(String.class, "SHOW max_connections")));
        assertThat(server.used()).isPositive();
        assertThat(server.byState()).containsKey("active");
        assertThat(server.longRunning()).isEmpty();
        assertThat(rig.figures().asked()).isZero();
        assertThat(rig.figures().opened()).isZero();
        assertThat(rig.backends()).as("the monitor's own").isEqualTo(1);
    }

    @Test
    void countsOthersConnectionsThoughItsRoleMayNotSeeWhatTheyDo() throws SQLException {
        try (TlsRig ordinary = new TlsRig()) {
            ordinary.server.use(TlsServer.Setup.withoutTls());
            Monitor monitor = new Monitor(ordinary.vertx, ordinary.db(), ordinary.config);
            get(monitor.refresh());
            int before = monitor.server().orElseThrow().used();
            try (Connection other = ordinary.server.connection();
                    Connection another = ordinary.server.connection()) {
                assertThat(other.isValid(10) && another.isValid(10)).isTrue();
                get(monitor.refresh());
                assertThat(monitor.server().orElseThrow().used()).isGreaterThanOrEqualTo(before + 2);
            }
            monitor.stop(null);
        }
    }

    @Test
    void answersWhileThePoolIsFull() {
        rig.config.maxSize = 1;
        Cancellable running = rig.read("SELECT pg_sleep(30)").subscribe().with(rows -> {}, failure -> {});
        rig.awaitActive(1);

        get(monitor().refresh());

        assertThat(monitor().state().state()).isEqualTo(State.OK);
        running.cancel();
    }

    @Test
    void runsItsWatchesAtEveryBeat() {
        rig.config.monitorInterval = Duration.ofMillis(20);
        List<Integer> seen = new CopyOnWriteArrayList<>();
        monitor()
                .watch(
                        "counter",
                        "SELECT 5 AS n",
                        rows -> seen.add(rows.iterator().next().getInteger("n")));
        monitor().start(null);

        soon().until(() -> seen.size() >= 3);
        assertThat(seen).containsOnly(5);
        assertThat(rig.backends()).as("on one connection").isEqualTo(1);
    }

    @Test
    void refreshRunsAllWatchesBeforeItAnswers() {
        AtomicInteger runs = new AtomicInteger();
        monitor().watch("counter", "SELECT 1", rows -> runs.incrementAndGet());

        get(monitor().refresh());
        assertThat(runs).hasValue(1);
        get(monitor().refresh());
        assertThat(runs).hasValue(2);
    }

    @Test
    void aWatchIsRefreshedByItself() {
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        Monitor.Watch watch = monitor().watch("counter", "SELECT 1", rows -> runs.incrementAndGet());
        monitor().watch("other", "SELECT 1", rows -> others.incrementAndGet());
        get(monitor().refresh());

        get(watch.refresh());

        assertThat(runs).hasValue(2);
        assertThat(others).hasValue(1);
    }

    @Test
    void aWatchSaysWhatItKnowsEachTimeItRuns() {
        AtomicInteger known = new AtomicInteger();
        monitor()
                .watch(
                        "counter",
                        "SELECT $1::int + 1 AS n",
                        () -> Tuple.of(known.get()),
                        rows -> known.set(rows.iterator().next().getInteger("n")));

        get(monitor().refresh());
        get(monitor().refresh());

        assertThat(known).hasValue(2);
    }

    @Test
    void whoeverListensIsToldAtOnceAndAgainWhenTheConnectionWasLost() {
        rig.config.monitorInterval = Duration.ofSeconds(4);
        AtomicInteger told = new AtomicInteger();
        monitor().listen("holdfast_test", told::incrementAndGet);
        monitor().start(null);
        soon().until(() -> told.get() == 1);

        rig.server.execute("NOTIFY holdfast_test");
        soon().until(() -> told.get() == 2);

        rig.terminateBackends();
        soon().until(() -> rig.backends() == 0);
        get(monitor().refresh());
        assertThat(told).as("something may have been missed").hasValue(3);
        rig.server.execute("NOTIFY holdfast_test");
        soon().until(() -> told.get() == 4);
    }

    @Test
    void aRefreshDuringARunIsFollowedByAnother() {
        AtomicInteger runs = new AtomicInteger();
        monitor().watch("slow", "SELECT pg_sleep(0.1)", rows -> runs.incrementAndGet());
        monitor().start(null);
        rig.awaitActive(1);
        int before = runs.get();

        get(monitor().refresh());

        assertThat(runs.get()).as("a run that began after the call").isGreaterThan(before + 1);
    }

    @Test
    void aWatchThatPostgresRefusesDoesNotMakeItUnreachableNorStopTheOthers() {
        List<String> seen = new CopyOnWriteArrayList<>();
        monitor().watch("missing", "SELECT * FROM no_such_table", rows -> seen.add("missing"));
        monitor().watch("throwing", "SELECT 1", rows -> {
            throw new IllegalStateException("mine");
        });
        monitor().watch("fine", "SELECT 1", rows -> seen.add("fine"));

        get(monitor().refresh());
        get(monitor().refresh());

        assertThat(monitor().state().state()).isEqualTo(State.OK);
        assertThat(seen).containsExactly("fine", "fine");
    }

    @Test
    void aRefusalToListenDoesNotMakePostgresUnreachableNorStopTheOthers() {
        List<String> told = new CopyOnWriteArrayList<>();
        monitor().listen("not a channel", () -> told.add("refused"));
        monitor().listen("holdfast_test", () -> told.add("fine"));
        AtomicInteger runs = new AtomicInteger();
        monitor().watch("counter", "SELECT 1", rows -> runs.incrementAndGet());

        get(monitor().refresh());
        get(monitor().refresh());

        assertThat(monitor().state().state()).isEqualTo(State.OK);
        assertThat(told).containsExactly("fine");
        assertThat(runs).hasValue(2);
    }

    @Test
    void opensItsConnectionAgainWhenItsBackendIsTerminated() {
        rig.config.monitorInterval = Duration.ofMillis(50);
        List<Integer> pids = new CopyOnWriteArrayList<>();
        monitor()
                .watch(
                        "pid",
                        "SELECT pg_backend_pid() AS pid",
                        rows -> pids.add(rows.iterator().next().getInteger("pid")));
        monitor().start(null);
        soon().until(() -> !pids.isEmpty());

        rig.terminateBackends();

        soon().until(() -> pids.stream().distinct().count() == 2);
        awaitState(State.OK);
        // A beat that failed has made the pool look whether PostgreSQL is there.
        soon().untilAsserted(() -> assertThat(rig.backends())
                .isEqualTo(1 + rig.figures().opened() - rig.figures().closed()));
    }

    @Test
    void tellsWhenPostgresGoesAndWhenItComesBack() {
        rig.config.monitorInterval = Duration.ofMillis(20);
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.serverPort(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            monitor().start(null);
            awaitState(State.OK);
            Instant ok = monitor().state().since();

            proxy.mode = FaultyServer.Mode.CLOSE;
            proxy.cut();
            awaitState(State.UNREACHABLE);
            DatabaseState away = monitor().state();
            assertThat(away.lastOkAt()).isAfterOrEqualTo(ok);
            assertThat(away.since()).isAfter(ok);
            assertThat(away.lastError()).isNotNull();
            DbException refused = failureOf(monitor().refresh());
            assertThat(refused.kind()).isEqualTo(DbException.Kind.UNAVAILABLE);

            proxy.mode = FaultyServer.Mode.PASS;
            awaitState(State.OK);
            assertThat(monitor().state().since()).isAfter(away.since());
            assertThat(monitor().state().lastError()).isNull();
        }
    }

    @Test
    void tellsRejectedCredentialsFromAServerThatIsAway() {
        try (FaultyServer server = new FaultyServer(rig.vertx, 0, FaultyServer.Mode.WRONG_PASSWORD)) {
            rig.port(server.port());
            monitor().start(null);

            awaitState(State.CREDENTIALS_REJECTED);
            assertThat(monitor().state().lastError()).isEqualTo("SQLSTATE 28P01");
            assertThat(State.CREDENTIALS_REJECTED.text()).isEqualTo("credentials_rejected");
        }
    }

    @Test
    void aStoppedMonitorClosesItsConnectionAndAnswersNobody() {
        get(monitor().refresh());
        monitor().stop(null);

        soon().untilAsserted(() -> assertThat(rig.backends()).isZero());
        assertThat(failureOf(monitor().refresh()).kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
    }

    @Test
    void whoeverWaitsForARefreshIsToldWhenTheMonitorStops() {
        monitor().watch("slow", "SELECT pg_sleep(0.2)", rows -> {});
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Object> answers = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2; i++) {
            monitor().refresh().subscribe().with(v -> answers.add("done"), failures::add);
        }
        rig.awaitActive(1);

        monitor().stop(null);

        soon().until(() -> failures.size() + answers.size() == 2);
        assertThat(failures).isNotEmpty();
        soon().untilAsserted(() -> assertThat(rig.backends()).isZero());
    }

    private void awaitState(State state) {
        soon().until(() -> monitor().state().state() == state);
    }

    private Monitor monitor() {
        if (monitor == null) {
            monitor = new Monitor(rig.vertx, rig.db(), rig.config);
        }
        return monitor;
    }
}
