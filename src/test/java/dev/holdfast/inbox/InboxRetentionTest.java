package dev.holdfast.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.SortableId;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class InboxRetentionTest {

    private static final String PROJECT = "inbox-retention";

    @Inject
    InboxRetention retention;

    private static String insert(String state, int days) {
        String id = SortableId.next(
                "inm_", Instant.now().minus(Duration.ofDays(days)).toEpochMilli());
        TestDatabase.shared()
                .execute(
                        "INSERT INTO inbox_messages (project_id, id, source, external_id, fingerprint, state, item_ids,"
                                + " item_bodies, received_at) VALUES (?, ?, 's', 'u', sha256('x'), ?, '{}', '{}',"
                                + " now() - make_interval(days => ?))",
                        PROJECT,
                        id,
                        state,
                        days);
        return id;
    }

    @Test
    void whatWasDeliveredIsForgottenAfterAWeekAndWhatWasSetAsideAfterAMonth() {
        List<String> kept = List.of(insert("done", 6), insert("dead", 29));
        IntStream.range(0, 600).forEach(i -> insert("done", 8));
        insert("dead", 31);
        String waiting = insert("waiting", 400);

        retention.run().await().atMost(Duration.ofSeconds(60));

        assertThat(TestDatabase.shared().query("SELECT id FROM inbox_messages WHERE project_id = ?", PROJECT))
                .extracting(row -> row.get("id"))
                .containsExactlyInAnyOrder(kept.get(0), kept.get(1), waiting);
        TestDatabase.shared().execute("DELETE FROM inbox_messages WHERE project_id = ?", PROJECT);
    }
}
