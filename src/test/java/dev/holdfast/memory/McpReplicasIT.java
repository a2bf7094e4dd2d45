package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.Proxy;
import dev.holdfast.testkit.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose replica changes under it, because a balancer says so or because of a deployment. */
class McpReplicasIT {

    @TempDir
    static Path directory;

    private static TestDatabase database;
    private static PackagedService first;
    private static PackagedService second;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.newDatabase();
        first = serve();
        second = serve();
        ready(first);
        ready(second);
    }

    @AfterAll
    static void stop() {
        first.close();
        second.close();
        database.close();
    }

    private static PackagedService serve() throws Exception {
        return PackagedService.serving(directory, Map.of("DATABASE_URL", database.url()));
    }

    private static void ready(PackagedService replica) {
        replica.port();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> replica.api().get("/v1/contexts").then().statusCode(200));
    }

    @Test
    void twoReplicasNumberTheVersionsOfOneTopicWithoutAGapAndEqualContentsOnce() throws Exception {
        try (Agent one = new Agent(first.port(), Api.KEY);
                Agent other = new Agent(second.port(), Api.KEY)) {
            List<JsonObject> locked = Parallel.run(
                    40,
                    i -> (i % 2 == 0 ? one : other)
                            .ok("lock_context", Map.of("topic", "shared", "content", "content " + i / 2)));

            assertThat(new HashSet<>(
                            locked.stream().map(l -> l.getString("version")).toList()))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 20).mapToObj(i -> "1." + i).toList());
            assertThat(locked.stream().filter(l -> l.getBoolean("created"))).hasSize(20);
        }
    }

    @Test
    void oneClientGoesOnWhereItWasOnAnotherReplicaAndAfterADeployment() throws Exception {
        // The client knows one address, and what stands behind it changes.
        try (Proxy balancer = new Proxy("localhost", first.port());
                Agent agent = new Agent(balancer.port(), Api.KEY)) {
            String session = session(agent);
            agent.ok("lock_context", Map.of("topic", "t", "content", "from the first"));

            balancer.leadTo("localhost", second.port());
            balancer.reset();

            reconnects(agent, session);
            assertThat(agent.ok("recall_context", Map.of("topic", "t")).getString("content"))
                    .isEqualTo("from the first");

            first.terminate();
            assertThat(first.exitCode()).isEqualTo(143);
            first = serve();
            ready(first);
            balancer.leadTo("localhost", first.port());
            balancer.reset();

            reconnects(agent, session);
            agent.ok("sleep", Map.of("agent", "a", "summary", "done"));
        }
        try (Agent agent = new Agent(second.port(), Api.KEY)) {
            assertThat(agent.ok("wake_up", Map.of("agent", "b"))
                            .getJsonObject("last_handover")
                            .getString("summary"))
                    .isEqualTo("done");
        }
    }

    /** A call that is sent on a connection before its end is noticed fails; agents call again. */
    private static void reconnects(Agent agent, String session) {
        await().ignoreExceptionsMatching(e -> e.getCause() instanceof IOException)
                .untilAsserted(() -> assertThat(session(agent)).isEqualTo(session));
    }

    private static String session(Agent agent) {
        return agent.ok("wake_up", Map.of("agent", "a"))
                .getJsonObject("session")
                .getString("id");
    }
}
