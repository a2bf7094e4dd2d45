package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.testkit.LogCapture;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.RawClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The password is changed under load, and every connection ends: once with the file in time, once with it late. */
@QuarkusTest
@TestProfile(UnderFire.class)
class RotatedPasswordTest {

    private static final Duration ROOM = Duration.ofSeconds(5);

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private final RawClient client = new RawClient();
    private final LogCapture log = LogCapture.ofEverything();

    @AfterEach
    void restore() {
        database.expect(OwnServer.PASSWORD);
        database.hand(OwnServer.PASSWORD);
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        Rest.of(pool, monitor, database);
        log.close();
    }

    @Test
    void inTimeNobodyNotices() throws Exception {
        try (Load load = load()) {
            database.hand("a-second-password");
            database.expect("a-second-password");
            database.terminateBackends();
            int before = load.done().size();
            await().until(() -> load.done().size() > before + 500);

            assertThat(load.codes().keySet()).containsExactly("");
            assertThat(log.messages())
                    .anyMatch(line -> line.startsWith("The password in ") && line.contains("has changed"));
            theLogKeepsThePasswords();
        }
    }

    @Test
    void lateItHealsByItself() throws Exception {
        try (Load load = load()) {
            database.expect("a-third-password");
            database.terminateBackends();
            await().until(() -> load.codes().getOrDefault("database_credentials_rejected", 0L) > 100
                    && monitor.state().state() == DatabaseState.State.CREDENTIALS_REJECTED);

            database.hand("a-third-password");
            long handedAt = System.nanoTime();
            await().pollInterval(Duration.ofMillis(5)).until(() -> load.firstSuccessAfter(handedAt) != null);
            Duration healed = Duration.ofNanos(load.firstSuccessAfter(handedAt).endedAt() - handedAt);
            System.out.printf("With the right password at last: first success after %d ms%n", healed.toMillis());
            await().until(() -> monitor.state().state() == DatabaseState.State.OK);
            System.out.printf(
                    "The monitor too after %d ms%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - handedAt));

            assertThat(healed).isLessThan(ROOM);
            assertThat(load.codes().keySet()).containsExactly("", "database_credentials_rejected");
            assertThat(log.messages())
                    .anyMatch(line -> line.contains("credentials_rejected: SQLSTATE 28P01"))
                    .anyMatch(line -> line.startsWith("The password in ") && line.contains("has changed"))
                    .anyMatch(line -> line.startsWith("Connect attempts succeed again"));
            theLogKeepsThePasswords();
        }
    }

    private Load load() {
        String path = "/v1/conversations/" + newConversation();
        Load load = Load.closed(UnderFire.SIZE, () -> client.getAsync(path));
        await().until(() -> load.done().size() > 500);
        return load;
    }

    private void theLogKeepsThePasswords() {
        assertThat(log.lines())
                .allSatisfy(line -> assertThat(line.toString())
                        .doesNotContain(OwnServer.PASSWORD, "a-second-password", "a-third-password"));
    }
}
