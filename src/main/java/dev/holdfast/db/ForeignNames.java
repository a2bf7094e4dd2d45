package dev.holdfast.db;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Connection arguments as other drivers, pools and frameworks call them, with what stands for them here: for whoever
 * brings a connection string or an environment along. The one table that start-up, {@code migrate} and {@code verify}
 * refuse by.
 */
public final class ForeignNames {

    private static final Map<String, Foreign> BY_NAME = new LinkedHashMap<>();
    private static final Map<String, Foreign> BY_LETTERS = new LinkedHashMap<>();
    private static final Map<String, Foreign> VARIABLES = new LinkedHashMap<>();

    /** What may stand before such a name in an environment. */
    private static final List<String> PREFIXES = List.of(
            "HOLDFAST_DB_",
            "HOLDFAST_",
            "DATABASE_",
            "DB_",
            "SQLALCHEMY_",
            "ASYNCPG_",
            "PRISMA_",
            "POSTGRES_",
            "PG_",
            "PG");

    private static final Pattern ARGUMENT = Pattern.compile("([A-Za-z_]{3,})[\"']?\\s*[:=]");

    /**
     * A name that others use.
     *
     * @param name as they write it
     * @param owner whose it is
     * @param mend what to do instead, a sentence without its full stop
     */
    public record Foreign(String name, String owner, String mend) {

        /** Whose it is, to be said after the name. */
        public String why() {
            return "is " + owner + (owner.endsWith("s") ? "'" : "'s");
        }
    }

    private ForeignNames() {}

    static {
        timeouts();
        pools();
        statements();
        encryption();
        sessions();
        addresses();
        sockets();
        variables();
    }

    private static void timeouts() {
        String statement = set("DB_STATEMENT_TIMEOUT");
        add("asyncpg", statement, "command_timeout");
        add("PostgreSQL", statement, "statement_timeout");
        add("node-postgres", statement, "query_timeout");
        add("R2DBC", statement, "statementTimeout");
        add("Prisma", statement, "socket_timeout");
        add("JDBC", statement, "socketTimeout");
        add("PostgreSQL", set("DB_IDLE_IN_TRANSACTION_TIMEOUT"), "idle_in_transaction_session_timeout");
        add("libpq and psycopg2", set("DB_CONNECT_TIMEOUT"), "connect_timeout");
        add("asyncpg", set("DB_CONNECT_TIMEOUT"), "timeout");
        add("JDBC", set("DB_CONNECT_TIMEOUT"), "connectTimeout", "loginTimeout", "sslResponseTimeout");
        add("Knex", set("DB_CONNECT_TIMEOUT"), "createTimeoutMillis");
        add("PostgreSQL", onRole("lock_timeout"), "lock_timeout");
        add("R2DBC", onRole("lock_timeout"), "lockWaitTimeout");
    }

    private static void pools() {
        String size = set("DB_CONNECTION_LIMIT");
        add("SQLAlchemy", "set DB_CONNECTION_LIMIT instead, to pool_size and max_overflow together", "pool_size");
        add("SQLAlchemy", "set DB_CONNECTION_LIMIT instead, to pool_size and max_overflow together", "max_overflow");
        add("Prisma", size, "connection_limit");
        add("node-postgres", size, "max");
        add("asyncpg", size, "max_size");
        add("HikariCP", size, "maximumPoolSize", "maxPoolSize");
        add("Rails", size, "pool");
        add("pgx", size, "pool_max_conns", "max_conns", "max_open_conns");
        String lazy = leaveOut("connections are opened when they are needed");
        add("node-postgres", lazy, "min");
        add("asyncpg", lazy, "min_size");
        add("HikariCP", lazy, "minimumIdle", "minIdle", "initializationFailTimeout");
        add("R2DBC", lazy, "initialSize");
        add("pgx", lazy, "pool_min_conns", "max_idle_conns");
        String wait = set("DB_POOL_TIMEOUT");
        add("SQLAlchemy and Prisma", wait, "pool_timeout");
        add("node-postgres", inMillis("DB_POOL_TIMEOUT"), "connectionTimeoutMillis");
        add("Knex", inMillis("DB_POOL_TIMEOUT"), "acquireTimeoutMillis");
        add("HikariCP", inMillis("DB_POOL_TIMEOUT"), "connectionTimeout");
        add("Sequelize", inMillis("DB_POOL_TIMEOUT"), "acquire");
        add("Rails", wait, "checkout_timeout");
        add("R2DBC", wait, "maxAcquireTime");
        String life = set("DB_POOL_RECYCLE");
        add("SQLAlchemy", life, "pool_recycle");
        add("Django", life, "conn_max_age");
        add("asyncpg", life, "max_queries");
        add("node-postgres", life, "maxLifetimeSeconds", "maxUses");
        add("postgres.js", life, "max_lifetime");
        add("HikariCP", inMillis("DB_POOL_RECYCLE"), "maxLifetime");
        add("pgx", life, "pool_max_conn_lifetime", "conn_max_lifetime");
        String idle = set("HOLDFAST_DB_IDLE_TIMEOUT");
        add("asyncpg", idle, "max_inactive_connection_lifetime");
        add("node-postgres", inMillis("HOLDFAST_DB_IDLE_TIMEOUT"), "idleTimeoutMillis");
        add("HikariCP", inMillis("HOLDFAST_DB_IDLE_TIMEOUT"), "idleTimeout");
        add("Rails and postgres.js", idle, "idle_timeout");
        add("R2DBC", idle, "maxIdleTime");
        add("pgx", idle, "pool_max_conn_idle_time", "conn_max_idle_time");
        String check = set("DB_POOL_IDLE_CHECK");
        add("SQLAlchemy", check, "pool_pre_ping");
        add("Django", check, "conn_health_checks");
        add("HikariCP", check, "keepaliveTime", "validationTimeout");
        add("Rails", check, "reaping_frequency");
        add("pgx", check, "pool_health_check_period");
        add("HikariCP", set("DB_SLOW_QUERY"), "leakDetectionThreshold");
        add("SQLAlchemy", leaveOut("the pool has one way only"), "pool_use_lifo", "pool_reset_on_return", "poolclass");
        add("node-postgres", leaveOut("the service decides when it ends"), "allowExitOnIdle");
        add("Prisma", set("DB_CONNECTION_LIMIT"), "single_use_connections");
    }

    private static void statements() {
        String cache = set("DB_STATEMENT_CACHE_SIZE");
        add("asyncpg and Prisma", cache, "statement_cache_size");
        add("SQLAlchemy", cache, "prepared_statement_cache_size");
        add("Rails", cache, "statement_limit");
        add("JDBC", cache, "preparedStatementCacheQueries", "preparedStatementCacheSizeMiB");
        add("pgx", cache, "statement_cache_capacity");
        String none = "set DB_STATEMENT_CACHE_SIZE=0 instead, if it was meant to switch prepared statements off";
        add("JDBC", none, "prepareThreshold", "preferQueryMode");
        add("Rails", none, "prepared_statements");
        add("postgres.js", none, "prepare");
        add("pgx", none, "default_query_exec_mode");
        add("lib/pq", none, "binary_parameters");
        add("Prisma", "set DB_STATEMENT_CACHE_SIZE=0 instead, if PgBouncer is older than 1.21", "pgbouncer");
        String fixed = leaveOut("statements are prepared one way only");
        add("asyncpg", fixed, "max_cached_statement_lifetime", "max_cacheable_statement_size");
        add("SQLAlchemy", fixed, "prepared_statement_name_func", "executemany_mode", "async_fallback");
        add("Django", fixed, "disable_server_side_cursors");
        add("JDBC", fixed, "reWriteBatchedInserts", "defaultRowFetchSize", "binaryTransfer", "stringtype", "autosave");
    }

    private static void encryption() {
        String mode =
                "write sslmode into DATABASE_URL, or set DB_SSLMODE; verify-full is the one that proves who answers";
        add("asyncpg, JDBC and node-postgres", mode, "ssl");
        add("libpq of old", mode, "requiressl");
        add("nobody", mode, "ssl_mode", "SSLMODE");
        add("Prisma", mode, "sslaccept");
        add("node-postgres", mode, "rejectUnauthorized");
        add("node-postgres", leaveOut("sslmode means what it means to libpq"), "uselibpqcompat");
        add("Prisma", "give the client's certificate as sslcert and sslkey, PEM files", "sslidentity");
        add("libpq and JDBC", "give sslkey without a password", "sslpassword", "sslpasswordcallback");
        add("JDBC", mode, "sslfactory", "sslfactoryarg", "sslhostnameverifier");
        add("MySQL and others", "set DB_SSLROOTCERT instead", "sslca", "ssl_ca", "ssl_ca_file", "ssl_root_cert");
        add("MySQL and others", "write sslcert and sslkey instead", "ssl_cert", "ssl_key");
        String negotiated = leaveOut("TLS is negotiated with the server");
        add("libpq", negotiated, "ssl_min_protocol_version", "ssl_max_protocol_version", "sslcompression", "sslsni");
        add("libpq", negotiated, "sslnegotiation", "sslcertmode", "channel_binding", "require_auth");
        add("asyncpg", negotiated, "direct_tls");
        add("libpq", leaveOut("lists of revoked certificates are not read"), "sslcrl", "sslcrldir");
        add(
                "libpq",
                leaveOut("GSSAPI is not used"),
                "gssencmode",
                "gsslib",
                "gssdelegation",
                "krbsrvname",
                "requirepeer");
    }

    private static void sessions() {
        String settings = "leave it out: each connection has jit=off, TimeZone=UTC, DB_STATEMENT_TIMEOUT,"
                + " DB_IDLE_IN_TRANSACTION_TIMEOUT and HOLDFAST_DB_APPLICATION_NAME; set anything else on the role,"
                + " ALTER ROLE ... SET ...";
        add("asyncpg", settings, "server_settings");
        add("libpq", settings, "options");
        add("SQLAlchemy", settings, "connect_args", "engine_options");
        add("Rails", settings, "variables");
        add("PostgreSQL", leaveOut("jit is off on each connection"), "jit");
        add("PostgreSQL", leaveOut("it is UTC on each connection"), "timezone");
        add("PostgreSQL", set("DB_SYNCHRONOUS_COMMIT"), "synchronous_commit");
        String path = onRole("search_path");
        add("PostgreSQL", path, "search_path");
        add("Prisma", path, "schema");
        add("JDBC", path, "currentSchema");
        add("Rails", path, "schema_search_path");
        add("JDBC", set("HOLDFAST_DB_APPLICATION_NAME"), "ApplicationName");
        add("libpq", set("HOLDFAST_DB_APPLICATION_NAME"), "fallback_application_name");
        String utf8 = leaveOut("it is UTF-8");
        add("libpq", utf8, "client_encoding");
        add("Rails", utf8, "encoding");
        add("SQLAlchemy", leaveOut("every statement is one transaction"), "isolation_level", "execution_options");
        add("JDBC", leaveOut("the service writes"), "readOnly");
        add("SQLAlchemy", set("DB_SLOW_QUERY"), "echo", "echo_pool");
        add("Rails", leaveOut("migrations are migrate's"), "advisory_locks", "min_messages");
    }

    private static void addresses() {
        String host = "name the one host to connect to in the URI";
        add("libpq", host, "hostaddr", "target_session_attrs", "load_balance_hosts");
        add("JDBC", host, "targetServerType", "loadBalanceHosts", "hostRecheckSeconds");
        add("libpq", "write the address into DATABASE_URL", "service", "servicefile", "passfile");
    }

    private static void sockets() {
        String alive = leaveOut("TCP keep-alive is always on, and DB_POOL_IDLE_CHECK finds dead connections");
        add("libpq", alive, "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count");
        add("libpq", alive, "tcp_user_timeout");
        add("JDBC", alive, "tcpKeepAlive", "tcpNoDelay");
        add("node-postgres", alive, "keepAlive", "keepAliveInitialDelayMillis");
        String nothing = leaveOut("there is nothing like it here");
        add("libpq", nothing, "replication");
        add("JDBC", nothing, "assumeMinServerVersion", "logUnclosedConnections", "cancelSignalTimeout", "gssEncMode");
        add("JDBC", nothing, "receiveBufferSize", "sendBufferSize", "socketFactory", "loggerLevel", "unknownLength");
    }

    private static void variables() {
        String uri = "write it into DATABASE_URL";
        for (String name : "HOST PORT USER PASSWORD DATABASE".split(" ")) {
            variable("libpq", uri, "PG" + name);
        }
        variable("libpq", set("DB_SSLMODE"), "PGSSLMODE");
        variable("libpq", set("DB_SSLROOTCERT"), "PGSSLROOTCERT");
        variable("libpq", "write sslcert and sslkey into DATABASE_URL", "PGSSLCERT", "PGSSLKEY");
        variable("libpq", set("HOLDFAST_DB_APPLICATION_NAME"), "PGAPPNAME");
        variable("Flask-SQLAlchemy", set("DATABASE_URL"), "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_DATABASE_URL");
        variable("Spring and Heroku", set("DATABASE_URL"), "JDBC_DATABASE_URL", "SPRING_DATASOURCE_URL");
        variable("Spring", uri, "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD");
        variable("Spring", set("DB_CONNECTION_LIMIT"), "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE");
        variable("Prisma", "give it to migrate as DATABASE_URL, if a pooler is in front", "DIRECT_URL");
        variable("Vercel", set("DATABASE_URL"), "POSTGRES_URL", "POSTGRES_PRISMA_URL", "POSTGRES_URL_NON_POOLING");
        variable("Rails", set("DB_CONNECTION_LIMIT"), "RAILS_MAX_THREADS", "DB_POOL", "DATABASE_POOL");
        variable("Quarkus", set("DATABASE_URL"), "QUARKUS_DATASOURCE_REACTIVE_URL", "QUARKUS_DATASOURCE_JDBC_URL");
        variable("Quarkus", uri, "QUARKUS_DATASOURCE_USERNAME", "QUARKUS_DATASOURCE_PASSWORD");
        variable("Quarkus", set("DB_CONNECTION_LIMIT"), "QUARKUS_DATASOURCE_REACTIVE_MAX_SIZE");
        variable("Quarkus", set("DB_CONNECTION_LIMIT"), "QUARKUS_DATASOURCE_JDBC_MAX_SIZE");
        // Without a prefix only what nothing but a pool or a driver is likely to read.
        for (String name : """
                command_timeout server_settings connect_timeout statement_timeout pool_size max_overflow pool_timeout
                pool_recycle pool_pre_ping connection_limit connect_args statement_cache_size conn_max_age
                """.split("\\s+")) {
            VARIABLES.put(name.toUpperCase(Locale.ROOT), Objects.requireNonNull(BY_NAME.get(name)));
        }
    }

    private static void add(String owner, String mend, String... names) {
        for (String name : names) {
            Foreign foreign = new Foreign(name, owner, mend);
            if (BY_NAME.put(name, foreign) != null) {
                throw new IllegalStateException(name + " stands twice");
            }
            BY_LETTERS.putIfAbsent(letters(name), foreign);
        }
    }

    private static void variable(String owner, String mend, String... names) {
        for (String name : names) {
            VARIABLES.put(name, new Foreign(name, owner, mend));
        }
    }

    private static String set(String variable) {
        return "set " + variable + " instead";
    }

    private static String inMillis(String variable) {
        return set(variable) + ", as in 500ms: a bare number is seconds here";
    }

    private static String leaveOut(String because) {
        return "leave it out: " + because;
    }

    private static String onRole(String setting) {
        return "set it on the role, ALTER ROLE ... SET " + setting + " = ...";
    }

    /** poolSize, pool_size and POOL-SIZE are the same to whoever brings them along. */
    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** All there are. */
    static Stream<Foreign> all() {
        return Stream.concat(BY_NAME.values().stream(), VARIABLES.values().stream());
    }

    /** A parameter of a connection URI. */
    public static Optional<Foreign> ofParameter(String name) {
        return Optional.ofNullable(BY_NAME.getOrDefault(name, BY_LETTERS.get(letters(name))));
    }

    /**
     * An environment variable: one of another tool's own, or a parameter's name in capitals, behind {@code DB_} and the
     * like.
     */
    public static Optional<Foreign> ofVariable(String name) {
        Foreign own = VARIABLES.get(name);
        if (own != null) {
            return Optional.of(own);
        }
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                Foreign parameter = BY_LETTERS.get(letters(name.substring(prefix.length())));
                if (parameter != null) {
                    return Optional.of(parameter);
                }
            }
        }
        return Optional.empty();
    }

    /** The arguments named in a text such as {@code {"command_timeout": 60, "server_settings": {"jit": "off"}}}. */
    public static List<Foreign> within(String text) {
        List<Foreign> found = new ArrayList<>();
        Matcher argument = ARGUMENT.matcher(text);
        while (argument.find()) {
            Foreign foreign = BY_NAME.get(argument.group(1));
            if (foreign != null && !found.contains(foreign)) {
                found.add(foreign);
            }
        }
        return found;
    }
}
