package dev.holdfast.llmconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Statement;
import dev.holdfast.testkit.Plans;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the statements on configs read of 20,000 configs and of a history of 50,000 entries. */
class ConfigPlansTest {

    private static final int LIMIT = 21;
    private static final String CONFIG = "cfg_" + "0".repeat(40);
    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        database = TestDatabase.newDatabase();
        database.execute("ALTER TABLE llm_configs DISABLE TRIGGER USER");
        database.execute(
                "INSERT INTO llm_configs (id, name, provider, model, params, is_active, is_default, priority, metadata,"
                        + " version, change_no, created_at, updated_at, api_key) SELECT 'cfg_' || lpad(to_hex(g), 40, '0'),"
                        + " 'n' || g, 'openai', 'm', '{}', true, false, 0, '{}', 1, g, now(), now(),"
                        + " decode(CASE WHEN g % 2 = 0 THEN '01aaaaaaaa' ELSE '01bbbbbbbb' END, 'hex')"
                        + " FROM generate_series(1, 20000) g");
        database.execute("ALTER TABLE llm_configs ENABLE TRIGGER USER");
        database.execute("INSERT INTO llm_config_history SELECT '" + CONFIG
                + "', g, 20000 + g, 'updated', 'a', now(), '[]' FROM generate_series(1, 30000) g");
        database.execute("INSERT INTO llm_config_history SELECT 'cfg_' || g, 1, 50000 + g, 'deleted', 'a', now(), '[]'"
                + " FROM generate_series(1, 20000) g");
        database.execute("UPDATE llm_config_changes SET latest = 70000");
        database.execute("VACUUM (ANALYZE)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static Stream<Arguments> lists() {
        String first = "'" + CONFIG + "', " + LIMIT;
        return Stream.of(
                Arguments.of("history, first up", ConfigHistory.ENTRIES.firstUp(), first, LIMIT),
                Arguments.of("history, first down", ConfigHistory.ENTRIES.firstDown(), first, LIMIT),
                Arguments.of("history, deep up", ConfigHistory.ENTRIES.nextUp(), first + ", 25000", LIMIT),
                Arguments.of("history, deep down", ConfigHistory.ENTRIES.nextDown(), first + ", 5000", LIMIT));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListReadsARangeOfAnIndex(String what, Statement list, String params, int limit) throws Exception {
        Plans.assertRange(database, list, params, limit);
    }

    static Stream<Arguments> pages() {
        return Stream.of(
                Arguments.of("everything, first page", "-1, 9223372036854775807", ConfigCache.PAGE),
                Arguments.of("everything, deep page", "15000, 9223372036854775807", ConfigCache.PAGE),
                Arguments.of("the newest changes", "19990, 69995", 15));
    }

    /** Each page takes one round of the monitor: it must not grow with what there is. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void aPageOfChangesReadsNoMoreThanItGivesOfEachIndex(String what, String known, int rows) throws Exception {
        List<String> plan = explain(ConfigCache.CHANGES, known + ", now()");

        assertThat(String.join("\n", plan))
                .contains("llm_configs_change_no", "llm_config_history_deletions")
                .doesNotContain("Seq Scan on llm_configs", "Seq Scan on llm_config_history")
                .contains("Limit (actual rows=" + rows + ".00 loops=1)");
        assertThat(rowsRead(plan)).allMatch(read -> read <= ConfigCache.PAGE);
    }

    @Test
    void whereNothingHasChangedNothingButTheNumberIsRead() throws Exception {
        List<String> plan = explain(ConfigCache.CHANGES, "70000, 70000, pg_postmaster_start_time()");

        assertThat(plan.get(0)).contains("actual rows=0");
        assertThat(plan.stream().filter(line -> line.contains("Index Scan") || line.contains("Index Only Scan")))
                .isNotEmpty()
                .allMatch(line -> line.contains("never executed"));
    }

    private static List<String> explain(String sql, String params) throws Exception {
        try (var connection = database.connection();
                var statement = connection.createStatement()) {
            statement.execute("SET plan_cache_mode = force_generic_plan");
            statement.execute("PREPARE s (bigint, bigint, timestamptz) AS " + sql);
            List<String> lines = new java.util.ArrayList<>();
            try (var rows = statement.executeQuery(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF, SUMMARY OFF) EXECUTE s(" + params + ")")) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
            return lines;
        }
    }

    private static Stream<Double> rowsRead(List<String> plan) {
        return plan.stream()
                .map(line -> java.util.regex.Pattern.compile("actual rows=([0-9.]+) loops=1\\)")
                        .matcher(line))
                .filter(java.util.regex.Matcher::find)
                .map(found -> Double.valueOf(found.group(1)));
    }
}
