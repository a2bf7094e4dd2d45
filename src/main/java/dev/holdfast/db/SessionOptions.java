package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How every connection of ours is opened and set up: where to, as whom, how encrypted, and with which settings. */
final class SessionOptions {

    private static final Logger LOG = Logger.getLogger(SessionOptions.class);

    private final PgConnectOptions options;
    private final ConnectionUri uri;
    private final @Nullable Path passwordFile;
    private volatile @Nullable String lastPassword;

    SessionOptions(DbConfig config) {
        String url = config.url()
                .filter(u -> !u.isBlank())
                .orElseThrow(() -> new IllegalArgumentException(
                        "DATABASE_URL is not set: give it as postgresql://user:password@host:port/database."));
        uri = ConnectionUri.parse(
                url, config.sslMode().orElse(null), config.sslRootCert().orElse(null));
        passwordFile = config.passwordFile().orElse(null);
        if (passwordFile != null) {
            // At the start a file that is missing is a mistake; later it may be just about to be replaced.
            lastPassword = uri.withPassword(firstPassword(passwordFile)).password();
        }
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

    private static String firstPassword(Path file) {
        try {
            return PasswordFile.read(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("holdfast.db.password-file (DB_PASSWORD_FILE): " + e.getMessage(), e);
        }
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

    /** The password of an attempt that begins now: a file is read every time, because it gets rotated. */
    Future<String> password(Vertx vertx) {
        Path file = passwordFile;
        return file == null
                ? Future.succeededFuture(options.getPassword())
                : vertx.executeBlocking(() -> currentPassword(file), false).map(Objects::requireNonNull);
    }

    private String currentPassword(Path file) {
        try {
            String password = PasswordFile.read(file);
            if (!password.equals(lastPassword)) {
                lastPassword = password;
                LOG.infof("The password in %s has changed: new connections log in with it", file);
            }
            return password;
        } catch (IOException e) {
            throw ConnectFailure.noPassword(e.getMessage());
        }
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
