package dev.holdfast.db;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The pool's configuration, {@code holdfast.db.*}. The environment names that deployments use ({@code DATABASE_URL},
 * {@code DB_CONNECTION_LIMIT} ...) are mapped in {@code application.properties}. Durations take {@code 10s}, {@code
 * 500ms}, ISO-8601, or a bare number of seconds. {@link DbLimits} checks the values together.
 */
@ConfigMapping(prefix = "holdfast.db")
public interface DbConfig {

    /** libpq connection URI, see {@link ConnectionUri}. */
    Optional<String> url();

    /** File with the password, instead of one in the URI; read for every new connection, so that it can be changed. */
    Optional<Path> passwordFile();

    /** Most connections that serve requests at the same time; the monitor's own comes on top. */
    @WithDefault("50")
    int maxSize();

    /** Most requests that wait for a connection. */
    @WithDefault("500")
    int maxWaiting();

    /** Most requests of one project that wait; half of {@code max-waiting} unless set. */
    OptionalInt projectMaxWaiting();

    /** Most connections that one project has at the same time; all of them unless set. */
    OptionalInt projectMaxInUse();

    /**
     * Once the first request of a project has waited for longer, its newest is served first, and where the queue is full
     * the first gives way to whoever comes.
     */
    @WithDefault("125ms")
    Duration lifoAfter();

    /** Longest wait for a connection. */
    @WithDefault("10s")
    Duration acquireTimeout();

    /** A connection's longest life, shortened at random by up to a tenth; it ends when the connection is next returned. */
    @WithDefault("300s")
    Duration maxLifetime();

    /** A connection unused for longer is closed. */
    @WithDefault("10m")
    Duration idleTimeout();

    /** A connection unused for longer is checked before it is lent. */
    @WithDefault("30s")
    Duration idleCheck();

    /** Prepared statements kept by each connection; 0 for none. */
    @WithDefault("200")
    int statementCacheSize();

    /** One connect attempt: TCP, TLS and authentication together. */
    @WithDefault("20s")
    Duration connectTimeout();

    /** Most connect attempts under way at the same time. */
    @WithDefault("8")
    int connectBurst();

    /** With no connection left and attempts failing for this long, requests are refused at once. */
    @WithDefault("1s")
    Duration outageAfter();

    /** PostgreSQL's {@code statement_timeout} on each connection; 0 for none. */
    @WithDefault("30s")
    Duration statementTimeout();

    /** PostgreSQL's {@code idle_in_transaction_session_timeout} on each connection; 0 for none. */
    @WithDefault("30s")
    Duration idleInTransactionTimeout();

    /** PostgreSQL's {@code synchronous_commit} on each connection; below {@code on} a 2xx may not be durable. */
    @WithDefault("on")
    String synchronousCommit();

    /** What PostgreSQL shows in {@code pg_stat_activity}. */
    @WithDefault("holdfast")
    String applicationName();

    /** Overrides the URI's {@code sslmode}. */
    Optional<String> sslMode();

    /** Overrides the URI's {@code sslrootcert}: a PEM file, or {@code system}. */
    Optional<String> sslRootCert();

    /** Work that takes longer is logged, with its wait and its run time apart. */
    @WithDefault("5s")
    Duration slowQuery();

    /** How many replicas share the server; for a warning when all of them could ask for more than it allows. */
    @WithDefault("1")
    int replicas();

    /** Connections that others need on the server. */
    @WithDefault("10")
    int reservedConnections();

    /** How often the monitor asks PostgreSQL. */
    @WithDefault("2s")
    Duration monitorInterval();

    /** The settings that are out of range; those that are one by one but contradict each other included. */
    static List<BadSetting> outOfRange(DbConfig config) {
        return DbLimits.outOfRange(config).found();
    }
}
