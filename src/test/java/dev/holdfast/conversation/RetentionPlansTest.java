package dev.holdfast.conversation;

import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A batch of what is to be deleted costs the same among few conversations and among many. */
class RetentionPlansTest {

    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute("INSERT INTO projects (id, name, retention_days) VALUES ('kept', 'Kept', 30)");
        database.execute("""
                INSERT INTO conversations (project_id, id, created_at, metadata, last_seq, expires_at)
                SELECT 'kept', 'conv_' || lpad(to_hex(g * 8589934::bigint), 12, '0') || lpad(to_hex(g), 28, '0'), now(), '{}', 1,
                    CASE WHEN g % 10 = 0 THEN now() + g * interval '1 min' - interval '100 min' END
                FROM generate_series(1, 200000) g
                """);
        database.execute("""
                INSERT INTO items (project_id, conversation_id, seq, id, body)
                SELECT project_id, id, 1, 'msg_1', '{}' FROM conversations
                """);
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> statements() {
        return Stream.of(
                Arguments.of(Retention.EXPIRED.sql(), ""),
                Arguments.of(Retention.IDLE.sql(), "'', ''"),
                Arguments.of(Retention.IDLE.sql(), "'kept', 'conv_00000000ffff'"));
    }

    @ParameterizedTest
    @MethodSource("statements")
    void noBatchGoesThroughAllThereIs(String sql, String params) throws Exception {
        Plans.assertNoneIsScanned(database, sql, params, "conversations", "items");
    }
}
