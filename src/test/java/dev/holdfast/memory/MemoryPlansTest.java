package dev.holdfast.memory;

import dev.holdfast.db.Statement;
import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists read a range of an index, and nothing reads a whole table, however much this project and others remember. */
class MemoryPlansTest {

    private static final int LIMIT = 21;
    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute("INSERT INTO projects (id, name) VALUES ('other', 'Other')");
        database.execute("""
                INSERT INTO memory_contexts (project_id, topic, seq, content, hash, priority, tags, preview, concepts, rules,
                    locked_by, locked_at, archived_at)
                SELECT p, 't/' || lpad(g::text, 6, '0'), 0, 'word' || g % 2000 || ' NEVER common', sha256(g::text::bytea),
                    CASE g % 2 WHEN 0 THEN 'always_check' ELSE 'reference' END, ARRAY['tag' || g % 3], 'preview', '{}',
                    ARRAY['NEVER word' || g % 2000], 'key', now() - g * interval '1 minute',
                    CASE WHEN g > 20000 THEN now() - g * interval '1 minute' END
                FROM generate_series(1, 21000) g, unnest(ARRAY['default', 'other']) p
                """);
        database.execute("""
                INSERT INTO memory_topics (project_id, topic, next_seq)
                SELECT project_id, topic, 1 FROM memory_contexts
                """);
        database.query("""
                SELECT count(*) FROM (
                    SELECT show_memory_context(project_id, topic, 0) FROM memory_contexts WHERE archived_at IS NULL OFFSET 0) s
                """);
        database.execute("""
                INSERT INTO memory_sessions
                    (project_id, id, agent, started_at, seen_at, wake_ups, last_wake, ended_at, summary)
                SELECT 'default', 'ses_' || g, 'agent' || g % 100, now() - g * interval '1 hour',
                    now() - g * interval '1 hour', 1, 'ses_' || g, now() - g * interval '1 hour', 'summary'
                FROM generate_series(1, 20000) g
                """);
        database.execute("""
                INSERT INTO memory_files (project_id, path, type, cluster, purpose, imports, exports, stored_at, search)
                SELECT p, 'f/' || lpad(g::text, 6, '0'), 'type' || g % 2, 'cluster' || g % 3, '', '{}', '{}', now(),
                    array_to_tsvector(ARRAY['=' || p, ':type' || g % 2, '@cluster' || g % 3, 'word' || g % 2000])
                FROM generate_series(1, 20000) g, unnest(ARRAY['default', 'other']) p
                """);
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("contexts, first", ContextSearch.LIST_ASC, "'default', '', '', '', " + LIMIT),
                Arguments.of("contexts, deep", ContextSearch.LIST_ASC, "'default', '', '', 't/015000', " + LIMIT),
                Arguments.of("contexts, deep down", ContextSearch.LIST_DESC, "'default', '', '', 't/005000', " + LIMIT),
                Arguments.of("contexts by tag", ContextSearch.LIST_ASC, "'default', 'tag1', '', 't/010000', " + LIMIT),
                Arguments.of(
                        "contexts by tag and priority",
                        ContextSearch.LIST_DESC,
                        "'default', 'tag1', 'always_check', 't/010000', " + LIMIT),
                Arguments.of("files", FileRepository.LIST, "'default', 'f/010000', " + LIMIT),
                Arguments.of(
                        "files by type", FileRepository.LIST_BY_TYPE, "'default', 'f/010000', " + LIMIT + ", 'type1'"),
                Arguments.of(
                        "files by cluster",
                        FileRepository.LIST_BY_CLUSTER,
                        "'default', 'f/010000', " + LIMIT + ", 'cluster1'"),
                Arguments.of(
                        "files by both",
                        FileRepository.LIST_BY_BOTH,
                        "'default', 'f/010000', " + LIMIT + ", 'cluster1', 'type1'"),
                Arguments.of("handover", SessionRepository.HANDOVER, "'default'"),
                Arguments.of("handover of an agent", SessionRepository.HANDOVER_OF_AGENT, "'default', 'agent7'"),
                Arguments.of("a context", ContextRepository.GET, "'default', 't/010000', NULL, true"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListReadsARangeOfAnIndex(String what, Statement list, String params) throws Exception {
        Plans.assertRange(database, list, params, params.contains(", " + LIMIT) ? LIMIT : 1);
    }

    static Stream<Arguments> searches() {
        String project = "'default', '''=default''', ";
        return Stream.of(
                Arguments.of("a rare word", ContextSearch.SEARCH, project + "'word7', 21", 100),
                Arguments.of("a word of all", ContextSearch.SEARCH, project + "'common', 21", 20_000),
                Arguments.of("a text", ContextSearch.CHECK, project + "'word7 word8 and word9', 20", 100),
                Arguments.of("a file", FileRepository.SEARCH, project + "'word7', 21", 100),
                Arguments.of("the tree", ContextSearch.TREE, "'default', 2", ContextTree.MOST_TOPICS),
                Arguments.of("waking up", SessionRepository.WAKE_UP, "'default', 'ses_new', 'agent7'", 10_000));
    }

    static Stream<Arguments> purges() {
        return Stream.of(
                Arguments.of(MemoryRetention.SESSIONS, "memory_sessions"),
                Arguments.of(MemoryRetention.FILES, "memory_files"),
                Arguments.of(MemoryRetention.ARCHIVED, "memory_contexts"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("purges")
    void whatIsOldIsFoundWithoutGoingThroughAllThereIs(Statement purge, String table) throws Exception {
        Plans.assertNoneIsScanned(database, purge.sql(), "", table);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("searches")
    void nothingReadsAWholeTable(String what, Statement search, String params, int most) throws Exception {
        Plans.assertIndexed(database, search, params, most);
    }
}
