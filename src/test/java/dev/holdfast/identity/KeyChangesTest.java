package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.Replica;
import dev.holdfast.problem.Problem;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How replicas learn of keys that were changed by somebody else. */
class KeyChangesTest {

    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration LONG = Duration.ofSeconds(30);

    private static TestDatabase database;

    private final AtomicLong now = new AtomicLong();
    private final String key = "hf_" + UUID.randomUUID();
    private final Replica one = new Replica(database, NEVER);
    private final Replica other = new Replica(database, NEVER);

    @BeforeAll
    static void create() {
        database = TestDatabase.newDatabase();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void allReplicasKnowAtOnceBecausePostgresTellsThem() {
        KeyRing here = started(one);
        KeyRing there = started(other);

        insert(key);
        await().until(() -> here.find(key) != null && there.find(key) != null);
        database.execute("update api_keys set revoked_at = now() where id = ?", key);
        await().until(() -> here.find(key) == null && there.find(key) == null);

        database.execute("insert into projects (id, name) values (?, 'new')", key);
        await().until(() -> here.hasProject(key) && there.hasProject(key));
        database.execute("delete from projects where id = ?", key);
        await().until(() -> !here.hasProject(key) && !there.hasProject(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scopes = '{mcp}'", "expires_at = now() - interval '1 hour'", "hash = sha256('x')"})
    void whateverDecidesAboutAKeyIsReadAgain(String change) {
        KeyRing ring = started(one);
        insert(key);
        await().until(() -> hasAllScopes(ring));

        database.execute("update api_keys set " + change + " where id = ?", key);

        await().until(() -> !hasAllScopes(ring));
    }

    @Test
    void whoeverIsToldNothingSeesAChangeAtTheNextBeat() {
        KeyRing ring = started(one);
        database.execute("alter table api_keys disable trigger keys_changed");
        try {
            insert(key);
            database.execute("update key_changes set mark = gen_random_uuid()");
            assertThat(ring.find(key)).isNull();

            refresh(one);
            assertThat(ring.find(key)).isNotNull();
        } finally {
            database.execute("alter table api_keys enable trigger keys_changed");
        }
    }

    @Test
    void aBeatThatFindsNothingChangedKeepsTheKeysTrusted() {
        insert(key);
        KeyRing ring = started(one);

        for (int i = 0; i < 3; i++) {
            now.addAndGet(Duration.ofSeconds(50).toNanos());
            refresh(one);
        }

        assertThat(ring.find(key)).isNotNull();
    }

    @Test
    void aBeatThatFindsNothingChangedReadsNoKey() throws IOException {
        database.execute("insert into projects select 'many' || g, 'x' from generate_series(1, 5000) g");
        database.execute("insert into api_keys (project_id, id, hash, prefix)"
                + " select 'many' || g, 'k', sha256(g::text::bytea), 'hf_' from generate_series(1, 5000) g");
        database.execute("analyze");
        String mark = database.value(UUID.class, "select mark from key_changes").toString();

        String plan = database.query(
                        "explain (analyze, format json) " + KeyRing.SNAPSHOT.replace("$1", "'" + mark + "'::uuid"))
                .get(0)
                .values()
                .iterator()
                .next()
                .toString();

        for (JsonNode scan : new ObjectMapper().readTree(plan).findParents("Relation Name")) {
            assertThat(scan.get("Actual Loops").asInt())
                    .as(plan)
                    .isEqualTo(scan.get("Relation Name").asText().equals("key_changes") ? 1 : 0);
        }
    }

    @Test
    void aUseOfAKeyIsNoChange() {
        insert(key);
        UUID before = database.value(UUID.class, "select mark from key_changes");

        database.execute("update api_keys set last_used_at = now() where id = ?", key);

        assertThat(database.value(UUID.class, "select mark from key_changes")).isEqualTo(before);
    }

    private static void insert(String key) {
        database.execute(
                "insert into api_keys (project_id, id, hash, prefix) values ('default', ?, sha256(convert_to(?, 'UTF8')), 'hf_')",
                key,
                key);
    }

    private boolean hasAllScopes(KeyRing ring) {
        try {
            Principal principal = ring.find(key);
            return principal != null && principal.scopes().equals(Scope.ALL);
        } catch (Problem expired) {
            return false;
        }
    }

    private KeyRing started(Replica replica) {
        KeyRing ring = new KeyRing(
                Optional.empty(),
                Optional.empty(),
                Duration.ofMinutes(1),
                now::get,
                InstantSource.fixed(Instant.now()),
                (principal, at) -> {});
        ring.watch(null, replica.monitor());
        replica.start();
        refresh(replica);
        return ring;
    }

    private static void refresh(Replica replica) {
        replica.monitor().refresh().await().atMost(LONG);
    }
}
