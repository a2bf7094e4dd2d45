package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.admin;
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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One project floods the service with twenty times what it could have, beside a quiet one. */
@QuarkusTest
@TestProfile(UnderFire.class)
class FairnessTest {

    private static final double SECONDS = 0.1;
    private static final int FLOOD = 20 * UnderFire.SIZE;
    private static final int QUIET_PER_SECOND = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private SlowConversations slow;
    private LightClient flooding;
    private LightClient quiet;

    @BeforeEach
    void begin() {
        slow = new SlowConversations(database.database());
        flooding = new LightClient(newProject(), PATIENCE);
        quiet = new LightClient(newProject(), PATIENCE);
    }

    @AfterEach
    void end() {
        flooding.close();
        quiet.close();
        slow.close();
        Rest.of(pool, monitor, database);
    }

    @Test
    void besideAFloodTheQuietAndTheAdministratorHaveNoErrors() throws Exception {
        RawClient administrator = new RawClient(Api.ADMIN_KEY, PATIENCE);
        try (Load flood = flood();
                Load calm = calm();
                Load administration = Load.open(5, () -> administrator.getAsync("/admin/projects"))) {
            await().until(() ->
                    calm.done().size() >= 60 && administration.done().size() >= 15);

            assertThat(calm.codes().keySet()).containsExactly("");
            assertThat(administration.codes().keySet()).containsExactly("");
            assertThat(flood.codes().keySet())
                    .contains("", "project_share_exceeded")
                    .isSubsetOf("", "project_share_exceeded", "pool_acquire_timeout");
        }
    }

    @Test
    @Tag("measure")
    void theQuietOnesLatencyBesideAFloodAndAlone() throws Exception {
        // Until the code is warm.
        try (Load flood = twentyTimesItsShare()) {
            await().atMost(PATIENCE).until(() -> flood.done().size() > 10_000);
        }
        measure(calm(), 100);
        List<Load.Done> alone = measure(calm(), 400);
        List<Load.Done> beside;
        try (Load flood = twentyTimesItsShare()) {
            await().atMost(PATIENCE).until(() -> flood.done().size() > 1_000);
            beside = measure(calm(), 400);
            System.out.println("The flood: " + flood.codes());
        }
        for (double percent : new double[] {50, 95, 99}) {
            double before = Load.percentile(alone.stream(), percent);
            double during = Load.percentile(beside.stream(), percent);
            System.out.printf(
                    "The quiet project's p%.0f: %.1f ms alone, %.1f ms beside a flood, %.2f times as much%n",
                    percent, before, during, during / before);
        }
    }

    private static List<Load.Done> measure(Load load, int requests) throws Exception {
        try (load) {
            await().atMost(Duration.ofMinutes(2)).until(() -> load.done().size() >= requests);
        }
        assertThat(load.codes().keySet()).containsExactly("");
        return load.done();
    }

    private Load flood() {
        return Load.closed(FLOOD, () -> make(flooding));
    }

    /** Half the pool is the share of one of two projects. */
    private Load twentyTimesItsShare() {
        return Load.open((int) (20 * (UnderFire.SIZE / 2) / SECONDS), () -> make(flooding));
    }

    private Load calm() {
        return Load.open(QUIET_PER_SECOND, () -> make(quiet));
    }

    private static CompletableFuture<RawClient.Answer> make(LightClient client) {
        return client.post("/v1/conversations", SlowConversations.taking(SECONDS));
    }

    /** A new project; its key. */
    private static String newProject() {
        String id = "p-" + UUID.randomUUID();
        admin().body("{\"id\":\"" + id + "\",\"name\":\"Fair\"}")
                .post("/admin/projects")
                .then()
                .statusCode(200);
        return admin().body("{\"name\":\"Fair\"}")
                .post("/admin/projects/{id}/keys", id)
                .then()
                .statusCode(200)
                .extract()
                .path("key");
    }
}
