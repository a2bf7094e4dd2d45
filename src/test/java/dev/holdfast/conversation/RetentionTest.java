package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.db.Chores;
import dev.holdfast.http.SortableId;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class RetentionTest {

    private static final TestDatabase DATABASE = TestDatabase.shared();

    @Inject
    Retention retention;

    @Inject
    Chores chores;

    private final String project = "keep-" + UUID.randomUUID();

    @BeforeEach
    void makeProject() {
        admin().body("{\"id\":\"%s\",\"name\":\"Kept for a while\",\"retention_days\":10}".formatted(project))
                .post("/admin/projects")
                .then()
                .statusCode(200)
                .body("retention_days", is(10));
    }

    private RequestSpecification inProject() {
        return admin().header("X-Holdfast-Project", project);
    }

    private void run() {
        retention.run().await().atMost(Duration.ofSeconds(60));
    }

    /** A conversation that was made so long ago; its id. */
    private String old(int days, int items, int lastItemDays) {
        Instant at = Instant.now().minus(Duration.ofDays(days));
        String id = SortableId.next("conv_", at.toEpochMilli());
        DATABASE.execute(
                "INSERT INTO conversations (project_id, id, created_at, metadata, last_seq)"
                        + " VALUES (?, ?, now() - make_interval(days => ?), '{\"a\":\"b\"}', ?)",
                project,
                id,
                days,
                items);
        DATABASE.execute(
                "INSERT INTO items (project_id, conversation_id, seq, id, body, created_at)"
                        + " SELECT ?, ?, g, 'msg_' || g, '{}', now() - make_interval(days => ?)"
                        + " FROM generate_series(1, ?) g",
                project,
                id,
                lastItemDays,
                items);
        return id;
    }

    private boolean isThere(String conversation) {
        return DATABASE.value(Long.class, "SELECT count(*) FROM conversations WHERE id = ?", conversation) > 0;
    }

    private static long items(String conversation) {
        return DATABASE.value(Long.class, "SELECT count(*) FROM items WHERE conversation_id = ?", conversation);
    }

    @Test
    void aConversationsOwnEndIsSetChangedShownAndTakenBack() {
        long end = Instant.now().plusSeconds(1000).getEpochSecond();
        String id = api().body("{\"expires_at\":" + end + ",\"metadata\":{\"a\":\"b\"}}")
                .post("/v1/conversations")
                .then()
                .statusCode(200)
                .body("expires_at", is((int) end))
                .extract()
                .path("id");
        api().get("/v1/conversations/{c}", id).then().body("expires_at", is((int) end));

        api().body("{\"expires_at\":" + (end + 1) + "}")
                .post("/v1/conversations/{c}", id)
                .then()
                .statusCode(200)
                .body("expires_at", is((int) end + 1))
                .body("metadata.a", is("b"));
        api().body("{\"metadata\":{}}").post("/v1/conversations/{c}", id).then().body("expires_at", is((int) end + 1));
        api().body("{\"expires_at\":null}")
                .post("/v1/conversations/{c}", id)
                .then()
                .body("", not(hasKey("expires_at")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0", "-5", "\"2030-01-01\"", "1e12", "1.5", "{}", "999999999999"})
    void anEndThatIsNoneIsRefused(String end) {
        api().body("{\"expires_at\":" + end + "}")
                .post("/v1/conversations")
                .then()
                .statusCode(400)
                .body("error.param", is("expires_at"));
    }

    @Test
    void whatHasExpiredIsDeletedWithItsItems() {
        String id = newConversation();
        api().body(Api.message("x"))
                .post("/v1/conversations/{c}/items", id)
                .then()
                .statusCode(200);
        String other = newConversation();
        DATABASE.execute("UPDATE conversations SET expires_at = now() - interval '1 s' WHERE id = ?", id);
        DATABASE.execute("UPDATE conversations SET expires_at = now() + interval '1 h' WHERE id = ?", other);

        run();

        api().get("/v1/conversations/{c}", id).then().statusCode(404);
        api().get("/v1/conversations/{c}", other).then().statusCode(200);
        await().until(() -> items(id) == 0);
    }

    @Test
    void aProjectsConversationsGoSoManyDaysAfterTheirLastItem() {
        String empty = old(11, 0, 0);
        String idle = old(30, 3, 11);
        String active = old(30, 3, 9);
        String young = old(9, 3, 9);
        long before = chores.removed().get("conversations");

        run();

        assertThat(isThere(empty)).isFalse();
        assertThat(isThere(idle)).isFalse();
        assertThat(isThere(active)).isTrue();
        assertThat(isThere(young)).isTrue();
        await().until(() -> items(idle) == 0);
        assertThat(items(active)).isEqualTo(3);
        assertThat(chores.removed().get("conversations") - before).isEqualTo(2);
        assertThat(DATABASE.value(
                        Long.class, "SELECT count(*) FROM conversation_filters WHERE conversation_id = ?", idle))
                .isZero();
    }

    @Test
    void aProjectThatKeepsForEverKeeps() {
        admin().body("{\"retention_days\":null}")
                .patch("/admin/projects/{p}", project)
                .then()
                .statusCode(200)
                .body("retention_days", nullValue())
                .body("name", is("Kept for a while"));
        String id = old(4_000, 1, 4_000);

        run();

        assertThat(isThere(id)).isTrue();
    }

    @Test
    void aSweepGoesThroughManyMoreThanOneBatchAndStopsAtTheYoungOnes() {
        DATABASE.execute(
                "INSERT INTO conversations (project_id, id, created_at, metadata, last_seq)"
                        + " SELECT ?, 'conv_000000000001' || lpad(to_hex(g), 28, '0'), now() - interval '20 days', '{}', 0"
                        + " FROM generate_series(1, 950) g",
                project);
        String active = old(30, 1, 1);

        run();

        assertThat(DATABASE.value(Long.class, "SELECT count(*) FROM conversations WHERE project_id = ?", project))
                .isEqualTo(1);
        assertThat(isThere(active)).isTrue();
    }

    @Test
    void aVeryLargeConversationIsGoneAtOnceAndPurgedByAndBy() {
        String id = old(30, 12_000, 20);

        run();

        inProject().get("/v1/conversations/{c}/items", id).then().statusCode(404);
        await().atMost(Duration.ofSeconds(30)).until(() -> items(id) == 0);
        assertThat(DATABASE.value(Long.class, "SELECT count(*) FROM purges WHERE conversation_id = ?", id))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "36501", "-1", "1.5", "\"7\"", "[]"})
    void aRetentionThatIsNoneIsRefused(String days) {
        admin().body("{\"retention_days\":" + days + "}")
                .patch("/admin/projects/{p}", project)
                .then()
                .statusCode(400)
                .body("error.param", is("retention_days"));
    }

    @Test
    void aProjectIsChangedAsFarAsTheBodySays() {
        admin().body("{\"name\":\"Renamed\"}")
                .patch("/admin/projects/{p}", project)
                .then()
                .statusCode(200)
                .body("name", is("Renamed"))
                .body("retention_days", is(10));
        admin().body("{}").patch("/admin/projects/{p}", "unknown").then().statusCode(404);
        admin().body("{\"id\":\"x\"}")
                .patch("/admin/projects/{p}", project)
                .then()
                .statusCode(400);
        admin().body("{\"name\":null}")
                .patch("/admin/projects/{p}", project)
                .then()
                .statusCode(400);
    }
}
