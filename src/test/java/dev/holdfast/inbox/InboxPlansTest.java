package dev.holdfast.inbox;

import dev.holdfast.db.Statement;
import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the queue costs does not grow with what it holds, or has held. */
class InboxPlansTest {

    private static final int LIMIT = 21;
    private static final String MIDDLE = "'inm_" + String.format("%040x", 50_000) + "'";
    private static final String CLAIM = "'00000000-0000-0000-0000-000000000000'";
    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute("""
                INSERT INTO inbox_messages (project_id, id, source, external_id, sender_message_id, fingerprint, state, item_ids,
                    item_bodies, received_at)
                SELECT 'p' || g % 3, 'inm_' || lpad(to_hex(g), 40, '0'), 's' || g % 2, 'u' || g % 5000, 'm' || g, sha256('x'),
                    (ARRAY['waiting', 'done', 'done', 'done', 'dead'])[1 + g / 2 % 5], '{}', '{}', now()
                FROM generate_series(1, 100000) g
                """);
        database.execute("""
                INSERT INTO inbox_senders (project_id, external_id, waiting, due_at)
                SELECT 'p' || g % 3, 'u' || g, 1, now() + (g % 100 - 50) * interval '1 min' FROM generate_series(1, 20000) g
                """);
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> lists() {
        String end = MIDDLE + ", " + LIMIT;
        return Stream.of(
                Arguments.of("waiting, down", MessageRepository.DOWN, "ARRAY['waiting'], " + end),
                Arguments.of("dead, up", MessageRepository.UP, "ARRAY['dead'], " + end),
                Arguments.of(
                        "dead of a source, down", MessageRepository.OF_SOURCE_DOWN, "ARRAY['dead'], " + end + ", 's1'"),
                Arguments.of(
                        "done of a source, up", MessageRepository.OF_SOURCE_UP, "ARRAY['done'], " + end + ", 's0'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListReadsARangeOfAnIndex(String what, Statement list, String params) throws Exception {
        Plans.assertRange(database, list, params, LIMIT);
    }

    static Stream<Arguments> statements() {
        String deliver =
                "'p1', ARRAY['u1', 'u4', 'u7'], " + CLAIM + ", ARRAY['conv_1', 'conv_2', 'conv_3'], 20, NULL, false";
        return Stream.of(
                Arguments.of(Queue.CLAIM.sql(), "'p1', 20, " + CLAIM + ", 30", "inbox_senders"),
                Arguments.of(Queue.DELIVER.sql(), deliver, "inbox_messages"),
                Arguments.of(Queue.DELIVER.sql(), deliver, "inbox_senders"),
                Arguments.of(Queue.FIRST.sql(), "'p1', 'u1'", "inbox_messages"),
                Arguments.of(InboxRepository.BEFORE.sql(), "'p1', 's1', 'm7'", "inbox_messages"),
                Arguments.of(MessageRepository.GET.sql(), MIDDLE, "inbox_messages"),
                Arguments.of(MessageRepository.RETRY.sql(), MIDDLE, "inbox_messages"),
                Arguments.of(InboxRetention.PURGE.sql(), "'done', " + MIDDLE, "inbox_messages"));
    }

    @ParameterizedTest
    @MethodSource("statements")
    void noStatementGoesThroughAllThereIs(String sql, String params, String table) throws Exception {
        Plans.assertNoneIsScanned(database, sql, params, table);
    }
}
