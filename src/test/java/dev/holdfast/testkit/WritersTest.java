package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class WritersTest {

    private final TestDatabase database = TestDatabase.shared();
    private Writers writers;
    private String conversation;

    @BeforeEach
    void write() throws Exception {
        writers = new Writers(RestAssured.port, 3, true, 2);
        writers.append(2);
        writers.append(2);
        conversation = (String) row().get("conversation_id");
    }

    @Test
    void whatIsAllThereIsInOrder() {
        assertThat(writers.acknowledged()).isEqualTo(12);
        assertThat(writers.unknown()).isZero();
        assertThat(writers.discrepancies(database)).isEmpty();
    }

    @Test
    void whatIsMissingIsLost() {
        database.execute("DELETE FROM items WHERE conversation_id = ? AND seq = ?", conversation, row().get("seq"));
        assertThat(writers.discrepancies(database)).singleElement().asString().startsWith("lost: writer ");
    }

    @Test
    void whatIsThereTwiceIsToldAndSoIsWhatNobodyAppended() {
        String copy =
                "INSERT INTO items SELECT project_id, conversation_id, ?, ?, now(), replace(body::text, ?, ?)::json"
                        + " FROM items WHERE conversation_id = ? AND seq = ?";
        database.execute(copy, 1_000, "msg_twice", "", "", conversation, row().get("seq"));
        database.execute(copy, 1_001, "msg_other", "writer ", "somebody ", conversation, row().get("seq"));
        assertThat(writers.discrepancies(database))
                .hasSize(2)
                .anyMatch(wrong -> wrong.startsWith("there twice: writer "))
                .anyMatch(wrong -> wrong.startsWith("nobody appended somebody "));
    }

    @Test
    void whatChangedPlacesIsNotInOrder() {
        database.execute(
                "UPDATE items SET seq = seq + 1000 WHERE conversation_id = ? AND seq = ?",
                conversation,
                row().get("seq"));
        assertThat(writers.discrepancies(database)).singleElement().asString().startsWith("not in order: ");
    }

    /** The first item of the newest conversation. */
    private Map<String, Object> row() {
        return database.query("""
                        SELECT conversation_id, seq FROM items
                        WHERE conversation_id = (SELECT max(id) FROM conversations WHERE project_id = 'default')
                        ORDER BY seq LIMIT 1
                        """).get(0);
    }
}
