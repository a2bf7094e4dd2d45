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
    private final ConnectionUri uri;

    SessionOptions(DbConfig config) {
        String url = config.url()
                .filter(u -> !u.isBlank())
                .orElseThrow(() -> new IllegalArgumentException(
                        "DATABASE_URL is not set: give it as postgresql://user:password@host:port/database."));
        uri = ConnectionUri.parse(
                url, config.sslMode().orElse(null), config.sslRootCert().orElse(null));
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
        return uri.sslMode();
    }

    /** The attempt's longest duration: the URI's, else the configuration's. */
    Duration connectTimeout(DbConfig config) {
        return uri.connectTimeout() == null ? config.connectTimeout() : uri.connectTimeout();
    }

    Future<TlsMaterial> tlsMaterial(Vertx vertx) {
        return TlsMaterial.read(vertx, uri);
    }

    @Override
    public String toString() {
        return uri + " (sslmode " + uri.sslMode().value() + ")";
    }
}
