package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.db.Replica;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KeyUseTest {

    private static final long MINUTE = 60_000;
    private static final long T = 1_700_000_000_123L;

    private static TestDatabase database;

    private final Replica replica = new Replica(database, Duration.ofDays(1));
    private final KeyUse use = new KeyUse(replica.vertx(), replica.database(), config("1m"));
    private final Principal key = newKey();
    private final Principal other = newKey();

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
        replica.close();
    }

    @Test
    void theLatestUseOfEachKeyIsWrittenInOneStatement() {
        use.note(key, T - 5);
        use.note(key, T);
        use.note(other, T + 7);
        use.note(new Principal("default", "key_deleted", false, Scope.ALL), T);

        write();

        assertThat(lastUsed(key)).isEqualTo(T);
        assertThat(lastUsed(other)).isEqualTo(T + 7);
        assertThat(statements()).isEqualTo(1);
    }

    @Test
    void whereNoKeyWasUsedNothingIsSent() {
        use.note(key, T);
        write();
        write();

        assertThat(statements()).isEqualTo(1);
    }

    @Test
    void whatAnotherReplicaWroteWithinTheMinuteIsLeftAlone() {
        use.note(key, T);
        write();
        use.note(key, T + MINUTE);
        write();
        assertThat(lastUsed(key)).isEqualTo(T);

        use.note(key, T - MINUTE);
        write();
        assertThat(lastUsed(key)).as("never back").isEqualTo(T);

        use.note(key, T + MINUTE + 1);
        write();
        assertThat(lastUsed(key)).isEqualTo(T + MINUTE + 1);
    }

    @Test
    void aKeyThatSomebodyChangesIsNotWaitedFor() throws SQLException {
        try (Connection holder = database.connection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("update api_keys set name = 'held' where id = '" + key.keyId() + "'");
            use.note(key, T);
            use.note(other, T);

            write();

            assertThat(lastUsed(other)).isEqualTo(T);
            holder.rollback();
        }
        assertThat(lastUsed(key)).isNull();
    }

    @Test
    void aFailureIsNobodysAndTheNextUseIsWrittenAgain() {
        database.execute("alter table api_keys rename column last_used_at to hidden");
        try {
            use.note(key, T);
            write();
        } finally {
            database.execute("alter table api_keys rename column hidden to last_used_at");
        }
        assertThat(lastUsed(key)).isNull();

        use.note(key, T + 1);
        write();
        assertThat(lastUsed(key)).isEqualTo(T + 1);
    }

    @Test
    void moreOftenThanOnceAMinuteIsRefused() {
        assertThatThrownBy(() -> new KeyUse(replica.vertx(), replica.database(), config("59s")))
                .hasMessageContaining("holdfast.auth.last-used-interval");
    }

    private void write() {
        use.write().await().atMost(Duration.ofSeconds(30));
    }

    private long statements() {
        return replica.database().operations().get("keys.used").succeeded();
    }

    private Long lastUsed(Principal principal) {
        return (Long) database.query(
                        "select (extract(epoch from last_used_at) * 1000)::bigint as at from api_keys where id = ?",
                        principal.keyId())
                .get(0)
                .get("at");
    }

    private Principal newKey() {
        String id = "key_" + UUID.randomUUID();
        database.execute(
                "insert into api_keys (project_id, id, hash, prefix) values ('default', ?, sha256(convert_to(?, 'UTF8')), 'hf_')",
                id,
                id);
        return new Principal("default", id, false, Scope.ALL);
    }

    private static IdentityConfig config(String interval) {
        return IdentityConfigTest.config(Map.of("HOLDFAST_AUTH_LAST_USED_INTERVAL", interval));
    }
}
