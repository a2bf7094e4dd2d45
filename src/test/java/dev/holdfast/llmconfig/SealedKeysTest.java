package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.create;
import static dev.holdfast.llmconfig.Configs.delete;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.history;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.sealing.EditedKeysets;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.PostgresResource;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys at rest: what the keyset opens, what it does not, and how keys get from one to the next. */
@QuarkusTest
class SealedKeysTest {

    private static final String KEY = "sk-sealed-0123456789";

    @Inject
    Sealing sealing;

    @Inject
    ConfigCache cache;

    @AfterEach
    void useTheFirstKeysetAgain() {
        use(PostgresResource.KEYSET);
    }

    private void use(String keyset) {
        Keysets.use(sealing, cache, keyset == null ? null : Keyset.parse(keyset));
    }

    private static byte[] sealedBy(String keyset, String id) {
        Sealing other = new Sealing();
        other.use(Keyset.parse(keyset));
        return other.seal(id, KEY, "api_key");
    }

    private static byte[] stored(String id) {
        return TestDatabase.shared().value(byte[].class, "SELECT api_key FROM llm_configs WHERE id = ?", id);
    }

    @Test
    void aKeyIsStoredSealedForItsConfigAlone() {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        String other = newConfig("\"api_key\":\"" + KEY + "\"");

        assertThat(sealing.open(id, stored(id))).hasValue(KEY);
        assertThat(stored(id)).isNotEqualTo(stored(other));
        TestDatabase.shared()
                .execute("UPDATE llm_configs SET api_key = ?, version = version + 1 WHERE id = ?", stored(id), other);
        await().untilAsserted(() -> get(other).then().body("key_state", is("undecryptable")));
    }

    @Test
    void withoutAKeysetKeysAreRefusedAndEverythingElseIsServed() {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        use(null);

        create("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"api_key\":\"%s\"}".formatted(newName(), KEY))
                .then()
                .statusCode(409)
                .body("error.code", is("conflict"))
                .body("error.param", is("api_key"))
                .body("error.message", containsString("HOLDFAST_KEYSET"));
        patch(id, "{\"api_key\":\"" + KEY + "\"}").then().statusCode(409).body("error.param", is("api_key"));
        admin().post(PATH + "/reseal").then().statusCode(409).body("error.param", is("api_key"));

        get(newConfig()).then().body("key_state", is("none"));
        patch(id, "{\"priority\":3}").then().statusCode(200).body("key_state", is("undecryptable"));
        api().get("/v1/models").then().statusCode(200);
        patch(id, "{\"api_key\":null}").then().statusCode(200).body("key_state", is("none"));
    }

    @Test
    void aKeyThatCannotBeOpenedStaysListedAndCanBeChangedAndDeleted() {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        String other = newConfig("\"api_key\":\"" + KEY + "\"");
        byte[] before = stored(id);
        use(Keyset.generate());

        get(id).then().statusCode(200).body("key_state", is("undecryptable")).body("api_key_hint", is("6789"));
        admin().get(PATH + "?limit=2")
                .then()
                .statusCode(200)
                .body("data.find { it.id == '" + id + "' }.key_state", is("undecryptable"));
        patch(id, "{\"model\":\"other\"}").then().statusCode(200).body("key_state", is("undecryptable"));
        assertThat(stored(id)).as("left as it was").isEqualTo(before);
        admin().post(PATH + "/reseal")
                .then()
                .statusCode(200)
                .body("undecryptable", greaterThanOrEqualTo(2))
                .body("complete", is(false));
        assertThat(stored(id)).isEqualTo(before);

        patch(id, "{\"api_key\":\"sk-new-9876543210\"}").then().statusCode(200).body("key_state", is("sealed"));
        get(id).then().body("key_state", is("sealed"));
        delete(other).then().statusCode(200);
    }

    @Test
    void resealMovesEveryKeyToThePrimaryOneAndChangesNothingThatAnybodySees() {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        String none = newConfig();
        Response before = get(id);
        byte[] sealedBefore = stored(id);
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        use(rotated);
        Keyset primary = Keyset.parse(rotated);
        get(id).then().body("key_state", is("sealed"));

        Response first = admin().post(PATH + "/reseal");
        first.then().statusCode(200).body("object", is("llm_config.reseal")).body("resealed", greaterThanOrEqualTo(1));
        assertAllWereLookedAt(first);
        assertThat(first.jsonPath().getLong("primary_key_id")).isEqualTo(primary.primaryId());
        admin().post(PATH + "/reseal")
                .then()
                .statusCode(200)
                .body("resealed", is(0))
                .body("sealed", is(first.<Integer>path("sealed")));

        assertThat(stored(id)).isNotEqualTo(sealedBefore).startsWith(primary.prefix());
        assertThat(sealing.open(id, stored(id))).hasValue(KEY);
        assertThat(stored(none)).isNull();
        assertThat(get(id).asString()).isEqualTo(before.asString());
        history(id, "").then().body("data.size()", is(1));
        // For the tests that come after: what they know is the first keyset.
        TestDatabase.shared().execute("DELETE FROM llm_configs WHERE id IN (?, ?)", id, none);
        resealToTheFirstKeyset(rotated);
    }

    @Test
    void ofManyResealsAtOnceEveryKeyIsMovedAndCountedOnce() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(newConfig("\"api_key\":\"" + KEY + i + "\""));
        }
        admin().post(PATH + "/reseal").then().body("resealed", is(0));
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        use(rotated);
        int before = sealedByTheFirstKeyset();

        List<Integer> answers = Parallel.run(
                4,
                i -> admin().post(PATH + "/reseal")
                        .then()
                        .statusCode(200)
                        .extract()
                        .<Integer>path("resealed"));

        int moved = answers.stream().mapToInt(Integer::intValue).sum();
        assertThat(moved).isGreaterThanOrEqualTo(30).isEqualTo(before - sealedByTheFirstKeyset());
        for (int i = 0; i < 30; i++) {
            assertThat(sealing.open(ids.get(i), stored(ids.get(i)))).hasValue(KEY + i);
        }
        resealToTheFirstKeyset(rotated);
    }

    @Test
    void aKeyThatIsChangedWhileItIsResealedIsTheNewOne() throws Exception {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        use(rotated);
        List<Integer> statuses = Parallel.run(
                20,
                i -> i % 2 == 0
                        ? admin().post(PATH + "/reseal").statusCode()
                        : patch(id, "{\"api_key\":\"" + KEY + i + "\"}").statusCode());

        assertThat(statuses).containsOnly(200);
        get(id).then().body("version", is(11));
        assertThat(sealing.open(id, stored(id)).orElseThrow()).startsWith(KEY).hasSizeGreaterThan(KEY.length());
        resealToTheFirstKeyset(rotated);
    }

    @Test
    void aKeyThatTheOldKeyHasSealedMeanwhileLeavesTheResealIncomplete() throws Exception {
        // What no key opens any more would leave it incomplete, too.
        TestDatabase.shared().execute("DELETE FROM llm_configs WHERE api_key IS NOT NULL");
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        byte[] meanwhile = sealedBy(PostgresResource.KEYSET, id);
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        use(rotated);

        CompletableFuture<Response> reseal;
        try (Connection other = TestDatabase.shared().connection();
                PreparedStatement change = other.prepareStatement(
                        "UPDATE llm_configs SET api_key = ?, version = version + 1 WHERE id = ?")) {
            other.setAutoCommit(false);
            change.setBytes(1, meanwhile);
            change.setString(2, id);
            change.executeUpdate();
            reseal = CompletableFuture.supplyAsync(() -> admin().post(PATH + "/reseal"));
            await().until(() -> TestDatabase.shared()
                            .value(
                                    Long.class,
                                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                            + " AND query LIKE '%UPDATE llm_configs c SET api_key = n.anew%'")
                    == 1);
            other.commit();
        }

        reseal.get()
                .then()
                .statusCode(200)
                .body("resealed", is(0))
                .body("undecryptable", is(0))
                .body("complete", is(false));
        assertThat(stored(id)).isEqualTo(meanwhile);
        admin().post(PATH + "/reseal")
                .then()
                .statusCode(200)
                .body("resealed", is(1))
                .body("complete", is(true));
        resealToTheFirstKeyset(rotated);
    }

    /** How many keys the first keyset has sealed. */
    private int sealedByTheFirstKeyset() {
        byte[] prefix = Keyset.parse(PostgresResource.KEYSET).prefix();
        return TestDatabase.shared()
                .value(Long.class, "SELECT count(*) FROM llm_configs WHERE substring(api_key FROM 1 FOR 5) = ?", prefix)
                .intValue();
    }

    /** A keyset of the same keys with the first as the primary one: what is sealed goes back to it. */
    private void resealToTheFirstKeyset(String rotated) {
        use(EditedKeysets.withPrimary(
                rotated, Keyset.parse(PostgresResource.KEYSET).primaryId()));
        assertAllWereLookedAt(admin().post(PATH + "/reseal"));
    }

    /** It is complete but for the keys that other tests have left, and nothing opens. */
    private static void assertAllWereLookedAt(Response reseal) {
        reseal.then().statusCode(200).body("complete", is(reseal.<Integer>path("undecryptable") == 0));
    }

    @Test
    void aResealThatHasNoTimeDoesABatchAndSaysThatItIsNotComplete() throws Exception {
        List<String> ids = insert(250);
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        use(rotated);

        Response first = admin().header("X-Request-Timeout-Ms", "2500").post(PATH + "/reseal");
        first.then().statusCode(200).body("complete", is(false));
        assertThat(first.<Integer>path("resealed") + first.<Integer>path("undecryptable"))
                .as("one batch")
                .isEqualTo(200);
        assertAllWereLookedAt(admin().post(PATH + "/reseal"));

        String[] all = ids.toArray(String[]::new);
        assertThat(TestDatabase.shared().query("SELECT id, api_key FROM llm_configs WHERE id = ANY (?)", (Object) all))
                .hasSize(250)
                .allSatisfy(row -> assertThat(sealing.open((String) row.get("id"), (byte[]) row.get("api_key")))
                        .hasValue(KEY));
        TestDatabase.shared().execute("DELETE FROM llm_configs WHERE id = ANY (?)", (Object) all);
        resealToTheFirstKeyset(rotated);
    }

    /** So many configs with keys of the first keyset; their ids. */
    private static List<String> insert(int count) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Connection connection = TestDatabase.shared().connection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO llm_configs (id, name, provider, model, params, is_active, is_default, priority,"
                                + " metadata, version, created_at, updated_at, api_key) VALUES (?, ?, 'openai', 'm', '{}',"
                                + " true, false, 0, '{}', 1, now(), now(), ?)")) {
            for (int i = 0; i < count; i++) {
                ids.add(LlmConfig.newId(System.currentTimeMillis()));
                insert.setString(1, ids.get(i));
                insert.setString(2, newName());
                insert.setBytes(3, sealedBy(PostgresResource.KEYSET, ids.get(i)));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        return ids;
    }

    @Test
    void theHintOfAnUndecryptableKeyGoesWithTheKey() {
        String id = newConfig("\"api_key\":\"" + KEY + "\"");
        use(Keyset.generate());

        patch(id, "{\"api_key\":null}").then().body("key_state", is("none")).body("api_key_hint", nullValue());
    }
}
