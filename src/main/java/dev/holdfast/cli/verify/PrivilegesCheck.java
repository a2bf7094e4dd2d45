package dev.holdfast.cli.verify;

import java.sql.SQLException;
import java.util.Objects;

/**
 * Whether the role may do what {@code serve} does, and what {@code migrate} does. Ours is what belongs to the owner of
 * Flyway's table, in its schema.
 */
final class PrivilegesCheck implements Check {

    private static final String TABLES = """
            WITH history AS (
                SELECT relowner AS owner, relnamespace AS schema FROM pg_class
                WHERE oid = to_regclass('flyway_schema_history')
            ), missing AS (
                SELECT c.relname AS name, p.name AS privilege
                FROM history h
                JOIN pg_class c ON c.relowner = h.owner AND c.relnamespace = h.schema AND c.relkind IN ('r', 'p')
                CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
                WHERE NOT has_table_privilege(c.oid, p.name)
                  AND (p.name = 'SELECT' OR c.relname <> 'flyway_schema_history')
            )
            SELECT string_agg(privilege || ' on ' || name, ', ' ORDER BY name, privilege) AS missing FROM missing
            """;

    private static final String FUNCTIONS = """
            WITH history AS (
                SELECT relowner AS owner, relnamespace AS schema FROM pg_class
                WHERE oid = to_regclass('flyway_schema_history')
            )
            SELECT string_agg(f.proname, ', ' ORDER BY f.proname) AS missing
            FROM history h
            JOIN pg_proc f ON f.proowner = h.owner AND f.pronamespace = h.schema
            WHERE NOT has_function_privilege(f.oid, 'EXECUTE')
            """;

    private static final String OWNER = """
            SELECT pg_get_userbyid(relowner) AS missing FROM pg_class
            WHERE oid = to_regclass('flyway_schema_history') AND NOT pg_has_role(relowner, 'USAGE')
            UNION ALL SELECT NULL
            """;

    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public void look(Subject subject, Findings findings) throws SQLException {
        Server server = subject.server();
        String schema = server.facts().schema();
        if (schema == null) {
            findings.error(
                    "role",
                    "has a search_path without a schema that exists and that it may use",
                    "GRANT USAGE ON SCHEMA ... to it, or ALTER ROLE ... SET search_path = ...");
            return;
        }
        String role = " TO " + server.facts().role();
        String tables = missing(server, TABLES);
        String functions = missing(server, FUNCTIONS);
        if (!tables.isEmpty()) {
            findings.error(
                    "role",
                    "lacks what serve needs: " + tables,
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + role);
        }
        if (!functions.isEmpty()) {
            findings.error(
                    "role",
                    "may not execute what serve needs: " + functions,
                    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA " + schema + role);
        }
        if (tables.isEmpty() && functions.isEmpty()) {
            findings.info("role", "may do all that serve does with the tables that there are");
        }
        migrate(server, schema, findings);
    }

    private static void migrate(Server server, String schema, Findings findings) throws SQLException {
        String owner = missing(server, OWNER);
        if (!server.facts().canCreate()) {
            findings.info("role", "may not create anything in the schema " + schema, "run migrate as one that may");
        } else if (!owner.isEmpty()) {
            findings.info("role", "does not own the tables, which are " + owner + "'s", "run migrate as " + owner);
        }
    }

    private static String missing(Server server, String sql) throws SQLException {
        return Objects.requireNonNullElse(server.row(sql).get("missing"), "");
    }
}
