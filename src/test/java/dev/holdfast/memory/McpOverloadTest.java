package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tools while others have taken all connections, and while PostgreSQL is away. */
@QuarkusTest
@TestProfile(SmallPool.class)
class McpOverloadTest {

    private static final Statement SLEEP = Statement.read("test.sleep", "SELECT pg_sleep(20)");

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    ProxiedDatabase database;

    private final List<Cancellable> sleepers = new ArrayList<>();

    @AfterEach
    void mend() {
        sleepers.forEach(Cancellable::cancel);
        database.proxy().forward();
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        await().until(() -> pool.figures().inUse() == 0);
    }

    @Test
    void aToolIsToldWithinItsDeadlineThatThereIsNoConnectionAndThatItMayTryAgain() {
        try (Agent agent = new Agent(RestAssured.port, Api.KEY)) {
            for (int i = 0; i < SmallPool.SIZE; i++) {
                Ticket ticket = new Ticket("t-sleeper", Deadline.in(Duration.ofSeconds(25)));
                sleepers.add(pool.query(ticket, SLEEP, Tuple.tuple(), rows -> 0)
                        .onFailure()
                        .recoverWithItem(-1)
                        .subscribe()
                        .with(done -> {}));
            }
            await().until(() -> pool.figures().inUse() == SmallPool.SIZE);

            JsonObject error = agent.refused("get_last_handover", Map.of());

            assertThat(pool.figures().inUse())
                    .as("the sleepers outlast the call")
                    .isEqualTo(SmallPool.SIZE);
            assertThat(error.getString("code")).isIn("pool_acquire_timeout", "deadline_exceeded");
            assertThat(error.getBoolean("retryable")).isTrue();
        }
    }

    @Test
    void whilePostgresIsAwayAToolSaysSoAtOnceAndWhenToTryAgain() {
        try (Agent agent = new Agent(RestAssured.port, Api.KEY)) {
            database.proxy().refuse();
            database.proxy().reset();
            await().until(() -> monitor.state().state() == DatabaseState.State.UNREACHABLE);

            JsonObject error = agent.refused("lock_context", Map.of("topic", "t", "content", "c"));

            assertThat(error.getString("code")).isEqualTo("database_unavailable");
            assertThat(error.getBoolean("retryable")).isTrue();
            assertThat(error.getInteger("retry_after_seconds")).isPositive();
        }
    }
}
