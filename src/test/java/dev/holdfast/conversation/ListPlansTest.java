package dev.holdfast.conversation;

import dev.holdfast.db.BatchRead;
import dev.holdfast.db.Statement;
import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Page 10,000 costs what page 1 costs: each list reads a range of an index, and no more rows than it returns and one. */
class ListPlansTest {

    private static final int LIMIT = 21;
    private static final String CONVERSATION = "conv_" + "a".repeat(40);
    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute(
                "INSERT INTO conversations (project_id, id, created_at, metadata, last_seq) SELECT 'default', 'conv_' || lpad(to_hex(g), 40, '0'), now(),"
                        + " json_build_object('topic', 't' || g % 2, 'tone', 'x' || g % 4), 0 FROM generate_series(1, 210000) g");
        database.execute(
                "INSERT INTO conversations (project_id, id, created_at, metadata, last_seq, largest_item)"
                        + " VALUES ('default', ?, now(), '{}', 210000, 100)",
                CONVERSATION);
        database.execute(
                "INSERT INTO items (project_id, conversation_id, seq, id, body) SELECT 'default', ?, g, 'msg_' || g,"
                        + " json_build_object('id', 'msg_' || g) FROM generate_series(1, 210000) g",
                CONVERSATION);
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("items, newest first", ItemRepository.DESC.one(), page("NULL")),
                Arguments.of("items, oldest first", ItemRepository.ASC.one(), page("NULL")),
                Arguments.of("items, page 2 down", ItemRepository.DESC.one(), page("'msg_209980'")),
                Arguments.of("items, page 10,000 down", ItemRepository.DESC.one(), page("'msg_10000'")),
                Arguments.of("items, page 2 up", ItemRepository.ASC.one(), page("'msg_20'")),
                Arguments.of("items, page 10,000 up", ItemRepository.ASC.one(), page("'msg_199980'")),
                Arguments.of("several, newest first", ItemRepository.DESC.several(), pages("NULL")),
                Arguments.of("several, page 10,000 down", ItemRepository.DESC.several(), pages("'msg_10000'")),
                Arguments.of("several, page 10,000 up", ItemRepository.ASC.several(), pages("'msg_199980'")),
                Arguments.of("conversations, first", ConversationRepository.LIST_DESC, "'default', 'conv_~', " + LIMIT),
                Arguments.of("conversations, oldest first", ConversationRepository.LIST_ASC, "'default', '', " + LIMIT),
                Arguments.of("conversations, page 10,000 down", ConversationRepository.LIST_DESC, deep(10_000)),
                Arguments.of("conversations, page 10,000 up", ConversationRepository.LIST_ASC, deep(199_980)),
                Arguments.of("by metadata, first", ConversationRepository.FILTER_ASC, "'default', '', " + filter()),
                Arguments.of("by metadata, deep down", ConversationRepository.FILTER_DESC, deep(10_000, filter())),
                Arguments.of("by metadata, deep up", ConversationRepository.FILTER_ASC, deep(199_980, filter())),
                Arguments.of("by two pairs, first", ConversationRepository.FILTER_ASC, "'default', '', " + filters()),
                Arguments.of("by two pairs, deep down", ConversationRepository.FILTER_DESC, deep(10_000, filters())),
                Arguments.of("by two pairs, deep up", ConversationRepository.FILTER_ASC, deep(199_900, filters())));
    }

    private static String page(String after) {
        return "'default', '" + CONVERSATION + "', " + (LIMIT - 1) + ", true, " + after;
    }

    /** A batch of one: {@link #manyPagesAtOnceReadThatManyRanges} has more. */
    private static String pages(String after) {
        return "'default', ARRAY['" + CONVERSATION + "'], ARRAY[" + (LIMIT - 1) + "], ARRAY[true], ARRAY[" + after
                + "]";
    }

    private static String deep(int conversation) {
        return deep(conversation, String.valueOf(LIMIT));
    }

    private static String deep(int conversation, String rest) {
        return "'default', 'conv_" + String.format("%040x", conversation) + "', " + rest;
    }

    private static String filter() {
        return LIMIT + ", ARRAY['topic'], ARRAY['t1']";
    }

    /** In another order than they are stored in. */
    private static String filters() {
        return LIMIT + ", ARRAY['topic', 'tone'], ARRAY['t1', 'x3']";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListReadsARangeOfAnIndex(String what, Statement list, String params) throws Exception {
        Plans.assertRange(database, list, params, LIMIT);
    }

    private static String array(IntFunction<String> of) {
        return IntStream.range(0, BatchRead.MOST).mapToObj(of).collect(Collectors.joining("', '", "ARRAY['", "']"));
    }

    @Test
    void manyPagesAtOnceReadThatManyRanges() throws Exception {
        int pages = BatchRead.MOST;
        String each = ("'default', array_fill('" + CONVERSATION
                        + "'::text, ARRAY[%1$d]), array_fill(%2$d, ARRAY[%1$d])," + " array_fill(true, ARRAY[%1$d]), ")
                .formatted(pages, LIMIT - 1);
        String after = array(n -> "msg_" + 5_000 * (n + 1));
        Plans.assertIndexed(database, ItemRepository.DESC.several(), each + after, pages * (LIMIT + 1));
    }

    @Test
    void manyConversationsAtOnceAreThatManyLookUps() throws Exception {
        Plans.assertIndexed(
                database,
                ConversationRepository.GET.several(),
                "'default', " + array(n -> "conv_" + String.format("%040x", n + 1)),
                BatchRead.MOST);
    }
}
