package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.RawClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL goes away under load, and comes back. The figures of issue are printed; what is asserted leaves room. */
@QuarkusTest
@TestProfile(UnderFire.class)
class OutageTest {

    private static final int CLIENTS = 3 * UnderFire.SIZE;
    private static final Duration DEADLINE = Duration.ofMillis(1_500);
    private static final Duration ROOM = Duration.ofSeconds(3);

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private final RawClient client = new RawClient(Api.KEY, DEADLINE);
    private SlowConversations slow;
    private String path;

    @BeforeEach
    void slowDown() {
        slow = new SlowConversations(database.database());
        path = "/v1/conversations/" + newConversation();
    }

    @AfterEach
    void mend() {
        database.proxy().forward();
        await().until(() -> new RawClient().get(path).status() == 200);
        slow.close();
        Rest.of(pool, monitor, database);
    }

    /** Requests take a tenth of a second, so that connections are what there is least of. */
    private Load load() {
        String body = SlowConversations.taking(0.1);
        Load load = Load.closed(CLIENTS, () -> client.postAsync("/v1/conversations", body, null));
        await().pollInterval(Duration.ofMillis(5)).until(this::allConnectionsWork);
        return load;
    }

    private boolean allConnectionsWork() {
        return database.backends("active") >= UnderFire.SIZE;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterARestartRequestsSucceedAtOnceAndThereWasNoStormOfAttempts(boolean killed) throws Exception {
        try (Load load = load()) {
            int before = database.proxy().accepted();
            long refused = pool.figures().refused();
            long wentAt = System.nanoTime();
            if (killed) {
                database.server().kill();
            } else {
                database.server().stop();
            }
            await().until(() -> pool.figures().refused() > refused + 100 && secondsSince(wentAt) >= 3);
            int attempts = database.proxy().accepted() - before;
            double away = secondsSince(wentAt);
            long backAt = database.server().start();
            await().pollInterval(Duration.ofMillis(5)).until(() -> load.firstSuccessAfter(backAt) != null);
            Duration first = Duration.ofNanos(load.firstSuccessAfter(backAt).endedAt() - backAt);
            await().pollInterval(Duration.ofMillis(5)).until(this::allConnectionsWork);
            System.out.printf(
                    "After %s: first success %d ms after the server let somebody in, all of %d connections after %d ms;"
                            + " %d attempts in the %.1f s before%n",
                    killed ? "a kill" : "a stop",
                    first.toMillis(),
                    UnderFire.SIZE,
                    (long) (secondsSince(backAt) * 1e3),
                    attempts,
                    away);
            assertThat(first).isLessThan(ROOM);
            // Backoff reaches a second, for the pool and for the monitor; the burst of the beginning comes on top.
            assertThat(attempts).isBetween(2, 16 + 8 * (int) Math.ceil(away));
            // While a killed server recovers it answers, and turns everybody away: 57P03.
            codesAre(
                    load,
                    "",
                    "database_unavailable",
                    "database_overloaded",
                    "write_outcome_unknown",
                    "deadline_exceeded");
        }
    }

    @Test
    void throughABriefSilenceNobodyWaitsBeyondItsDeadline() throws Exception {
        silence(4);
    }

    @Test
    @Tag("fire")
    void throughAMinuteOfSilenceNobodyWaitsBeyondItsDeadline() throws Exception {
        silence(60);
    }

    private void silence(int seconds) throws Exception {
        try (Load load = load()) {
            long silentAt = System.nanoTime();
            database.proxy().silence();
            await().atMost(seconds + 10, TimeUnit.SECONDS).until(() -> secondsSince(silentAt) >= seconds);
            database.proxy().forward();
            long backAt = System.nanoTime();
            await().pollInterval(Duration.ofMillis(5)).until(this::allConnectionsWork);
            Duration full = Duration.ofNanos(System.nanoTime() - backAt);
            load.close();
            Duration longest = load.done().stream()
                    .map(Load.Done::took)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            System.out.printf(
                    "After %d s of silence: all of %d connections work %d ms after its end; of %d requests with %d ms"
                            + " each the longest took %d ms%n",
                    seconds,
                    UnderFire.SIZE,
                    full.toMillis(),
                    load.done().size(),
                    DEADLINE.toMillis(),
                    longest.toMillis());
            assertThat(longest).isLessThan(DEADLINE.plus(ROOM));
            assertThat(full).isLessThan(ROOM.multipliedBy(2));
            codesAre(load, "", "database_unavailable", "deadline_exceeded", "write_outcome_unknown");
        }
    }

    private static void codesAre(Load load, String... codes) {
        assertThat(load.codes().keySet()).contains("", "database_unavailable").isSubsetOf(codes);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }
}
