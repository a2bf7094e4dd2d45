package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.Statement;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How PostgreSQL runs the statements of lists. */
public final class Plans {

    private static final Set<String> RANGE = Set.of(
            "Limit",
            "Index Scan",
            "Index Only Scan",
            "Result",
            "Aggregate",
            "Nested Loop",
            "CTE Scan",
            "Memoize",
            "Function Scan",
            "Subquery Scan",
            "Sort",
            "WindowAgg");

    private Plans() {}

    /**
     * Fails unless the list gives {@code limit} rows, or one of so many, by ranges and look-ups in indexes, no part of it
     * reads more rows than that, and none is thrown away: with a plan for these parameters and with one for any.
     *
     * @param params as SQL literals
     */
    public static void assertRange(TestDatabase database, Statement list, String params, int limit)
            throws SQLException, IOException {
        for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
            JsonNode plan = explain(database, list.sql(), params, mode, "ANALYZE, ");
            List<JsonNode> nodes = new ArrayList<>();
            collect(plan, nodes);
            for (JsonNode node : nodes) {
                String type = node.get("Node Type").asText();
                assertThat(type).as("%s: %s", mode, plan).isIn(RANGE);
                long read = node.get("Actual Rows").asLong()
                        * node.get("Actual Loops").asLong();
                assertThat(read).as("%s: rows of %s in %s", mode, type, plan).isLessThanOrEqualTo(limit);
                assertThat(node.path("Rows Removed by Filter").asLong()
                                + node.path("Rows Removed by Index Recheck").asLong())
                        .as("%s: %s", mode, plan)
                        .isZero();
            }
            assertThat(rows(plan, nodes)).as("%s: %s", mode, plan).isEqualTo(limit);
        }
    }

    /** How many the list has: those that were put together, where it comes as one row. */
    private static long rows(JsonNode plan, List<JsonNode> nodes) {
        return nodes.stream()
                .filter(node -> node.get("Node Type").asText().equals("Aggregate"))
                .map(node -> node.get("Plans").get(0))
                .findFirst()
                .orElse(plan)
                .get("Actual Rows")
                .asLong();
    }

    /**
     * Fails unless no part of the statement reads a whole table or more than {@code most} rows: with a plan for these
     * parameters and with one for any.
     *
     * @param params as SQL literals
     */
    public static void assertIndexed(TestDatabase database, Statement statement, String params, int most)
            throws SQLException, IOException {
        for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
            JsonNode plan = explain(database, statement.sql(), params, mode, "ANALYZE, ");
            List<JsonNode> nodes = new ArrayList<>();
            collect(plan, nodes);
            for (JsonNode node : nodes) {
                String type = node.get("Node Type").asText();
                assertThat(type).as("%s: %s", mode, plan).isNotEqualTo("Seq Scan");
                long read = (node.get("Actual Rows").asLong()
                                + node.path("Rows Removed by Filter").asLong())
                        * node.get("Actual Loops").asLong();
                assertThat(read).as("%s: rows of %s in %s", mode, type, plan).isLessThanOrEqualTo(most);
            }
            assertThat(plan.get("Actual Rows").asLong())
                    .as("%s: %s", mode, plan)
                    .isPositive();
        }
    }

    /**
     * Fails if any part of the statement would read all of one of these tables: with a plan for these parameters and with one
     * for any. The statement is not run.
     *
     * @param params as SQL literals
     */
    public static void assertNoneIsScanned(TestDatabase database, String sql, String params, String... tables)
            throws SQLException, IOException {
        for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
            JsonNode plan = explain(database, sql, params, mode, "");
            List<JsonNode> nodes = new ArrayList<>();
            collect(plan, nodes);
            assertThat(nodes)
                    .as("%s: %s", mode, plan)
                    .filteredOn(node ->
                            List.of(tables).contains(node.path("Relation Name").asText()))
                    .isNotEmpty()
                    .allSatisfy(
                            node -> assertThat(node.get("Node Type").asText()).isNotIn("Seq Scan", "Bitmap Heap Scan"))
                    // What an index is gone through from its beginning for is no better.
                    .filteredOn(node -> node.get("Node Type").asText().startsWith("Index"))
                    .allSatisfy(node -> assertThat(node.has("Index Cond")).isTrue());
        }
    }

    private static void collect(JsonNode node, List<JsonNode> into) {
        into.add(node);
        node.path("Plans").forEach(child -> collect(child, into));
    }

    private static JsonNode explain(TestDatabase database, String sql, String params, String mode, String how)
            throws SQLException, IOException {
        try (Connection connection = database.connection();
                java.sql.Statement statement = connection.createStatement()) {
            statement.execute("SET jit = off");
            statement.execute("SET plan_cache_mode = " + mode);
            statement.execute("PREPARE list AS " + sql);
            try (ResultSet rows = statement.executeQuery(
                    "EXPLAIN (" + how + "FORMAT JSON) EXECUTE list" + (params.isEmpty() ? "" : "(" + params + ")"))) {
                rows.next();
                return new ObjectMapper().readTree(rows.getString(1)).get(0).get("Plan");
            }
        }
    }
}
