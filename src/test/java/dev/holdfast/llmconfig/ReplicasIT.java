package dev.holdfast.llmconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.restassured.response.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes of the packaged service on one database. */
class ReplicasIT {

    private static final String PATH = "/admin/llm-configs";
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static TestDatabase database;
    private static Path keysetFile;
    private static List<PackagedService> replicas;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.newDatabase();
        keysetFile = Files.writeString(directory.resolve("keyset.json"), Keyset.generate());
        Map<String, String> environment =
                Map.of("DATABASE_URL", database.url(), "HOLDFAST_KEYSET_FILE", keysetFile.toString());
        replicas = List.of(
                PackagedService.serving(directory, environment), PackagedService.serving(directory, environment));
        for (PackagedService replica : replicas) {
            // It has a minute to start; what it is waited for after that comes soon.
            replica.port();
            await().atMost(SOON)
                    .untilAsserted(() -> replica.admin().get(PATH).then().statusCode(200));
        }
    }

    @AfterAll
    static void stop() {
        replicas.forEach(PackagedService::close);
        database.close();
    }

    private static PackagedService replica(int i) {
        return replicas.get(i % replicas.size());
    }

    private static Response create(int replica, String more) {
        return replica(replica)
                .admin()
                .body("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"%s}"
                        .formatted("t-" + UUID.randomUUID(), more))
                .post(PATH);
    }

    private static String newConfig(int replica) {
        return create(replica, "").then().statusCode(200).extract().path("id");
    }

    @Test
    void whatOneReplicaChangesTheOtherShows() {
        String id = newConfig(0);
        String name = replica(0).admin().get(PATH + "/" + id).path("name");

        replica(1).admin().get(PATH + "/" + id).then().statusCode(200);
        await().atMost(SOON)
                .until(() -> replica(1).api().get("/v1/models/" + name).statusCode() == 200);
        replica(0)
                .admin()
                .body("{\"priority\":8}")
                .patch(PATH + "/" + id)
                .then()
                .statusCode(200);
        await().atMost(SOON).until(() -> replica(1).admin().get(PATH + "/" + id).<Integer>path("priority") == 8);
        replica(1).admin().delete(PATH + "/" + id).then().statusCode(200);
        await().atMost(SOON)
                .until(() -> replica(0).api().get("/v1/models/" + name).statusCode() == 404);
        replica(0).admin().get(PATH + "/" + id).then().statusCode(404);
    }

    @Test
    void whoeverWantsNoCacheSeesTheOtherReplicasChangeAtOnce() {
        for (int i = 1; i <= 20; i++) {
            String id = newConfig(i);
            replica(i).admin().body("{\"priority\":" + i + "}").patch(PATH + "/" + id);

            replica(i + 1)
                    .admin()
                    .header("Cache-Control", "no-cache")
                    .get(PATH + "/" + id)
                    .then()
                    .statusCode(200)
                    .body("priority", is(i));
        }
    }

    @Test
    void ofManyAtBothReplicasExactlyOneIsTheDefaultAndNobodyIsTurnedAway() throws Exception {
        List<String> ids = List.of(newConfig(0), newConfig(1), newConfig(0));

        List<Integer> statuses = Parallel.run(
                60,
                i -> replica(i)
                        .admin()
                        .post(PATH + "/" + ids.get(i % 3) + "/default")
                        .statusCode());

        assertThat(statuses).containsOnly(200);
        assertThat(database.query("SELECT id FROM llm_configs WHERE is_default"))
                .hasSize(1);
        assertThat(database.query("SELECT config_id FROM llm_config_history h JOIN llm_configs c ON c.id = h.config_id"
                        + " GROUP BY config_id, c.version HAVING count(*) <> c.version"))
                .as("configs whose history lacks a version")
                .isEmpty();
    }

    @Test
    void ofTwoReplicasThatChangeTheSameVersionOneWins() throws Exception {
        for (int round = 0; round < 10; round++) {
            String id = newConfig(round);

            List<Integer> statuses = Parallel.run(
                    2,
                    i -> replica(i)
                            .admin()
                            .header("If-Match", "\"1\"")
                            .body("{\"priority\":" + (i + 1) + "}")
                            .patch(PATH + "/" + id)
                            .statusCode());

            assertThat(statuses).containsExactlyInAnyOrder(200, 412);
        }
    }

    @Test
    void ofCreationsWithOneKeyAtBothReplicasOneIsDoneAndAllGetItsAnswer() throws Exception {
        String key = UUID.randomUUID().toString();
        String body = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}".formatted(key);

        List<String> answers = Parallel.run(
                12,
                i -> replica(i)
                        .admin()
                        .header("Idempotency-Key", key)
                        .body(body)
                        .post(PATH)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString());

        assertThat(answers).containsOnly(answers.get(0));
    }

    @Test
    void aRotatedKeysetIsReadAgainAndBothReplicasMayResealAtOnce() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ids.add(create(i, ",\"api_key\":\"sk-0123456789-" + i + "\"").path("id"));
        }
        String rotated = Keyset.rotate(Files.readString(keysetFile));
        long primary = Keyset.parse(rotated).primaryId();
        Files.writeString(keysetFile, rotated);
        for (PackagedService replica : replicas) {
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> replica.output().contains("sealed with key " + primary + " of a keyset of 2"));
        }

        List<Response> answers = Parallel.run(4, i -> replica(i).admin().post(PATH + "/reseal"));

        int moved = 0;
        for (Response answer : answers) {
            answer.then().statusCode(200).body("complete", is(true)).body("undecryptable", is(0));
            assertThat(answer.jsonPath().getLong("primary_key_id")).isEqualTo(primary);
            moved += answer.<Integer>path("resealed");
        }
        assertThat(moved).isEqualTo(40);
        Sealing sealing = new Sealing();
        sealing.use(Keyset.parse(rotated));
        for (int i = 0; i < 40; i++) {
            byte[] stored = database.value(byte[].class, "SELECT api_key FROM llm_configs WHERE id = ?", ids.get(i));
            assertThat(stored).startsWith(Keyset.parse(rotated).prefix());
            assertThat(sealing.open(ids.get(i), stored)).hasValue("sk-0123456789-" + i);
        }
    }
}
