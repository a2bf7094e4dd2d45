package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@QuarkusTest
class IdempotencyPurgeTest {

    private static final String PROJECT = "purge-test";

    @Inject
    IdempotencyPurge purge;

    private static void insert(int from, int to, String age) {
        TestDatabase.shared()
                .execute(
                        "INSERT INTO idempotency_keys SELECT ?, 'key ' || g, sha256('x'), '{}', now() - ?::interval"
                                + " FROM generate_series(?, ?) g",
                        PROJECT,
                        age,
                        from,
                        to);
    }

    @Test
    void whatIsOlderThanADayGoesInBatchesAndTheRestStays() {
        insert(1, 1_234, "25 hours");
        insert(2_000, 2_001, "23 hours");

        purge.purge().await().atMost(Duration.ofSeconds(30));

        assertThat(TestDatabase.shared()
                        .query("SELECT key FROM idempotency_keys WHERE project_id = ? ORDER BY key", PROJECT))
                .extracting(row -> row.get("key"))
                .containsExactly("key 2000", "key 2001");
        TestDatabase.shared().execute("DELETE FROM idempotency_keys WHERE project_id = ?", PROJECT);
    }
}
