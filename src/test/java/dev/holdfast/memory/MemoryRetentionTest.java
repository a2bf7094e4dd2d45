package dev.holdfast.memory;

import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Chores;
import dev.holdfast.http.SortableId;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a project remembers for ten days, made as agents make it and then moved into the past. */
@QuarkusTest
class MemoryRetentionTest {

    private static final TestDatabase DATABASE = TestDatabase.shared();

    @Inject
    MemoryRetention retention;

    @Inject
    Chores chores;

    private NewProject project;

    @BeforeEach
    void keepForTenDays() {
        project = NewProject.create();
        admin().body("{\"retention_days\":10}")
                .patch("/admin/projects/{p}", project.id())
                .then()
                .statusCode(200);
    }

    private void run() {
        retention.run().await().atMost(Duration.ofSeconds(60));
    }

    private long count(String table) {
        return DATABASE.value(Long.class, "SELECT count(*) FROM " + table + " WHERE project_id = ?", project.id());
    }

    /** A session that began that long ago, and ended, or was last seen, {@code last} days ago. */
    private String session(int began, int last, boolean ended) {
        String id = SortableId.next(
                "ses_", Instant.now().minus(Duration.ofDays(began)).toEpochMilli());
        DATABASE.execute("""
                INSERT INTO memory_sessions (project_id, id, agent, started_at, seen_at, wake_ups, last_wake, ended_at, summary)
                SELECT ?, ?, ?, now() - make_interval(days => ?), l.at, 1, '', CASE WHEN ? THEN l.at END, 'over'
                FROM (SELECT now() - make_interval(days => ?) AS at) l
                """, project.id(), id, UUID.randomUUID().toString(), began, ended, last);
        return id;
    }

    @Test
    void sessionsGoSoManyDaysAfterTheyEndedOrWereLastSeen() {
        List<String> gone = List.of(session(11, 11, true), session(30, 11, true), session(30, 11, false));
        List<String> kept = List.of(session(9, 9, true), session(30, 9, true), session(30, 9, false));

        run();

        assertThat(DATABASE.query("SELECT id FROM memory_sessions WHERE project_id = ?", project.id()))
                .extracting(row -> row.get("id"))
                .containsExactlyInAnyOrderElementsOf(kept)
                .doesNotContainAnyElementsOf(gone);
    }

    @Test
    void filesGoUnlessTheyAreStoredAgain() {
        try (Agent agent = new Agent(RestAssured.port, project.key())) {
            agent.ok("store_files", Map.of("files", List.of(Map.of("path", "old"), Map.of("path", "new"))));
            DATABASE.execute(
                    "UPDATE memory_files SET stored_at = now() - interval '11 days' WHERE project_id = ?",
                    project.id());
            agent.ok("store_files", Map.of("files", List.of(Map.of("path", "new"))));

            run();

            assertThat(agent.ok("query_files", Map.of()).getJsonArray("files"))
                    .extracting(file -> ((JsonObject) file).getString("path"))
                    .containsExactly("new");
        }
    }

    @Test
    void archivedContextsGoAndThoseInForceStayHoweverOld() {
        try (Agent agent = new Agent(RestAssured.port, project.key())) {
            agent.ok("lock_context", Map.of("topic", "t", "content", "first"));
            agent.ok("lock_context", Map.of("topic", "t", "content", "second"));
            agent.ok("lock_context", Map.of("topic", "t", "content", "third"));
            agent.ok("unlock_context", Map.of("topic", "t", "version", "1.0"));
            agent.ok("unlock_context", Map.of("topic", "t", "version", "1.1"));
            DATABASE.execute(
                    "UPDATE memory_contexts SET locked_at = now() - interval '400 days',"
                            + " archived_at = archived_at - make_interval(days => 9 + 2 * (1 - seq)) WHERE project_id = ?",
                    project.id());

            run();

            assertThat(agent.refused("recall_context", Map.of("topic", "t", "version", "1.0"))
                            .getString("code"))
                    .isEqualTo("not_found");
            assertThat(agent.ok("recall_context", Map.of("topic", "t", "version", "1.1"))
                            .getString("content"))
                    .isEqualTo("second");
            assertThat(agent.ok("recall_context", Map.of("topic", "t")).getString("content"))
                    .isEqualTo("third");
            assertThat(agent.ok("lock_context", Map.of("topic", "t", "content", "fourth"))
                            .getString("version"))
                    .as("no number is given twice")
                    .isEqualTo("1.3");
        }
    }

    @Test
    void aProjectThatKeepsForEverKeepsItsMemory() {
        admin().body("{\"retention_days\":null}")
                .patch("/admin/projects/{p}", project.id())
                .then()
                .statusCode(200);
        session(4_000, 4_000, true);

        run();

        assertThat(count("memory_sessions")).isEqualTo(1);
    }

    @Test
    void manyMoreThanABatchAllGo() {
        long before = chores.removed().get("memory_sessions");
        IntStream.range(0, 1_100).forEach(i -> session(20, 20, true));

        run();

        assertThat(count("memory_sessions")).isZero();
        assertThat(chores.removed().get("memory_sessions") - before).isEqualTo(1_100);
    }
}
