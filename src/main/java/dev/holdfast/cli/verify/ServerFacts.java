package dev.holdfast.cli.verify;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL says of itself, of the database and of the role.
 *
 * @param version such as {@code 180000}
 * @param reserved connections that only superusers and the like may have
 * @param roleLimit most connections of the role; -1 for no limit
 * @param databaseLimit most connections to the database; -1 for no limit
 * @param used client connections of everybody
 * @param usedByOthers those of other roles
 * @param schema where unqualified names are made; null where there is no such schema
 * @param statementTimeout of role and database, milliseconds; 0 for none
 * @param idleInTransactionTimeout as {@code statementTimeout}
 */
record ServerFacts(
        int version,
        String versionText,
        int maxConnections,
        int reserved,
        String role,
        boolean superuser,
        int roleLimit,
        String database,
        int databaseLimit,
        int used,
        int usedByOthers,
        String encoding,
        boolean readOnly,
        @Nullable String schema,
        boolean canCreate,
        long statementTimeout,
        long idleInTransactionTimeout,
        String jit,
        String synchronousCommit,
        boolean fsync,
        int backend) {

    // Of other roles' backends only an administrator sees the kind; a role and a database have clients, and few others.
    static final String SQL = """
            SELECT current_setting('server_version_num') AS version,
                   current_setting('server_version') AS version_text,
                   current_setting('max_connections') AS max_connections,
                   current_setting('superuser_reserved_connections')::int
                       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
                   r.rolname AS role, r.rolsuper AS superuser, r.rolconnlimit AS role_limit,
                   d.datname AS database, d.datconnlimit AS database_limit,
                   a.used, a.used_by_others,
                   current_setting('server_encoding') AS encoding,
                   pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS read_only,
                   current_schema() AS schema,
                   coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS can_create,
                   (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout,
                   (SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
                       AS idle_in_transaction_timeout,
                   current_setting('jit') AS jit,
                   current_setting('synchronous_commit') AS synchronous_commit,
                   current_setting('fsync') = 'on' AS fsync,
                   pg_backend_pid() AS backend
            FROM pg_roles r, pg_database d, (
                SELECT count(*) AS used, count(*) FILTER (WHERE usename <> current_user) AS used_by_others
                FROM pg_stat_activity
                WHERE usename IS NOT NULL AND datid IS NOT NULL AND pid <> pg_backend_pid()
            ) a
            WHERE r.rolname = current_user AND d.datname = current_database()
            """;

    static ServerFacts of(Map<String, @Nullable String> columns) {
        Row row = new Row(columns);
        return new ServerFacts(
                row.number("version"),
                row.text("version_text"),
                row.number("max_connections"),
                row.number("reserved"),
                row.text("role"),
                row.yes("superuser"),
                row.number("role_limit"),
                row.text("database"),
                row.number("database_limit"),
                row.number("used"),
                row.number("used_by_others"),
                row.text("encoding"),
                row.yes("read_only"),
                row.columns.get("schema"),
                row.yes("can_create"),
                Long.parseLong(row.text("statement_timeout")),
                Long.parseLong(row.text("idle_in_transaction_timeout")),
                row.text("jit"),
                row.text("synchronous_commit"),
                row.yes("fsync"),
                row.number("backend"));
    }

    /** What everybody without privileges may have together. */
    int available() {
        return maxConnections - reserved;
    }

    private record Row(Map<String, @Nullable String> columns) {

        String text(String column) {
            return Objects.requireNonNull(columns.get(column), column);
        }

        int number(String column) {
            return Integer.parseInt(text(column));
        }

        boolean yes(String column) {
            return text(column).equals("t");
        }
    }
}
