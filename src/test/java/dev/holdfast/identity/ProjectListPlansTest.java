package dev.holdfast.identity;

import dev.holdfast.db.Statement;
import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists of projects and keys read ranges of indexes too, however many there are. */
class ProjectListPlansTest {

    private static final int LIMIT = 21;
    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute(
                "INSERT INTO projects SELECT 'p' || lpad(g::text, 8, '0'), 'name' FROM generate_series(1, 50000) g");
        database.execute(
                "INSERT INTO api_keys SELECT 'default', 'key_' || lpad(g::text, 8, '0'), sha256(g::text::bytea),"
                        + " 'hf_', 'name' FROM generate_series(1, 50000) g");
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("projects, first up", ProjectRepository.PROJECTS.firstUp(), "" + LIMIT),
                Arguments.of("projects, first down", ProjectRepository.PROJECTS.firstDown(), "" + LIMIT),
                Arguments.of("projects, deep up", ProjectRepository.PROJECTS.nextUp(), LIMIT + ", 'p00040000'"),
                Arguments.of("projects, deep down", ProjectRepository.PROJECTS.nextDown(), LIMIT + ", 'p00010000'"),
                Arguments.of("keys, first up", ProjectRepository.KEYS.firstUp(), "'default', " + LIMIT),
                Arguments.of("keys, first down", ProjectRepository.KEYS.firstDown(), "'default', " + LIMIT),
                Arguments.of(
                        "keys, deep up", ProjectRepository.KEYS.nextUp(), "'default', " + LIMIT + ", 'key_00040000'"),
                Arguments.of(
                        "keys, deep down",
                        ProjectRepository.KEYS.nextDown(),
                        "'default', " + LIMIT + ", 'key_00010000'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListReadsARangeOfAnIndex(String what, Statement list, String params) throws Exception {
        Plans.assertRange(database, list, params, LIMIT);
    }
}
