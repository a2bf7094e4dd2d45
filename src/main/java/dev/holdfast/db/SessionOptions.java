package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** How every connection of ours is opened and set up: where to, as whom, how encrypted, and with which settings. */
final class SessionOptions {

    private final PgConnectOptions options;
    private final SslMode sslMode;
    private final ConnectionUri uri;
    private final String sslRootCert;

    SessionOptions(DbConfig config) {
        uri = ConnectionUri.parse(config.url()
                .filter(url -> !url.isBlank())
                .orElseThrow(() -> new IllegalArgumentException(
                        "DATABASE_URL is not set: give it as postgresql://user:password@host:port/database.")));
        sslRootCert = config.sslRootCert().filter(s -> !s.isBlank()).orElse(uri.sslRootCert());
        SslMode asked = config.sslMode()
                .filter(s -> !s.isBlank())
                .map(s -> SslMode.of(s)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "holdfast.db.ssl-mode (DB_SSLMODE) must be " + SslMode.VALUES + ".")))
                .orElse(uri.sslMode());
        sslMode = effective(asked, sslRootCert);
        options = new PgConnectOptions()
                .setHost(uri.host())
                .setPort(uri.port())
                .setUser(uri.user())
                .setPassword(uri.password() == null ? "" : uri.password())
                .setDatabase(uri.database())
                .setCachePreparedStatements(config.statementCacheSize() > 0)
                .setPreparedStatementCacheMaxSize(Math.max(1, config.statementCacheSize()))
                .setPreparedStatementCacheSqlFilter(sql -> true)
                .setPipeliningLimit(1)
                .setProperties(settings(config, uri));
    }

    /** libpq's rules: {@code prefer} where nothing is said; {@code system} roots mean nothing below verify-full. */
    private static SslMode effective(SslMode asked, String rootCert) {
        if ("system".equals(rootCert)) {
            if (asked != null && asked != SslMode.VERIFY_FULL) {
                throw new IllegalArgumentException("sslrootcert=system needs sslmode=verify-full, not " + asked.value()
                        + ": a public root signs certificates for anybody.");
            }
            return SslMode.VERIFY_FULL;
        }
        SslMode mode = asked == null ? SslMode.PREFER : asked;
        if (rootCert == null && (mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL)) {
            throw new IllegalArgumentException("sslmode=" + mode.value()
                    + " needs a root certificate: set DB_SSLROOTCERT to a PEM file, or to system.");
        }
        return mode == SslMode.REQUIRE && rootCert != null ? SslMode.VERIFY_CA : mode;
    }

    private static Map<String, String> settings(DbConfig config, ConnectionUri uri) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "application_name", uri.applicationName() == null ? config.applicationName() : uri.applicationName());
        settings.put("client_encoding", "utf8");
        settings.put("DateStyle", "ISO");
        settings.put("TimeZone", "UTC");
        settings.put("jit", "off");
        settings.put("statement_timeout", millis(config.statementTimeout()));
        settings.put("idle_in_transaction_session_timeout", millis(config.idleInTransactionTimeout()));
        settings.put("synchronous_commit", config.synchronousCommit());
        return settings;
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    PgConnectOptions options() {
        return options;
    }

    SslMode sslMode() {
        return sslMode;
    }

    /** The attempt's longest duration: the URI's, else the configuration's. */
    Duration connectTimeout(DbConfig config) {
        return uri.connectTimeout() == null ? config.connectTimeout() : uri.connectTimeout();
    }

    Future<TlsMaterial> tlsMaterial(Vertx vertx) {
        return TlsMaterial.read(vertx, sslMode, sslRootCert, uri.sslCert(), uri.sslKey());
    }

    @Override
    public String toString() {
        return uri + " (sslmode " + sslMode.value() + ")";
    }
}
