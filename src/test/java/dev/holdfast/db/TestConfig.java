package dev.holdfast.db;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** A configuration to be changed before it is used; it begins with the documented defaults. */
class TestConfig implements DbConfig {

    Optional<String> url = Optional.of("postgresql://holdfast:secret@db.example/holdfast");
    Optional<Path> passwordFile = Optional.empty();
    int maxSize = 50;
    int maxWaiting = 500;
    OptionalInt projectMaxWaiting = OptionalInt.empty();
    OptionalInt projectMaxInUse = OptionalInt.empty();
    Duration lifoAfter = Duration.ofMillis(125);
    Duration acquireTimeout = Duration.ofSeconds(10);
    Duration maxLifetime = Duration.ofSeconds(300);
    Duration idleTimeout = Duration.ofMinutes(10);
    Duration idleCheck = Duration.ofSeconds(30);
    int statementCacheSize = 200;
    int reservedConnections = 10;
    int replicas = 1;
    Duration connectTimeout = Duration.ofSeconds(20);
    int connectBurst = 8;
    Duration outageAfter = Duration.ofSeconds(1);
    Duration statementTimeout = Duration.ofSeconds(30);
    Duration idleInTransactionTimeout = Duration.ofSeconds(30);
    String synchronousCommit = "on";
    String applicationName = "holdfast";
    Optional<String> sslMode = Optional.empty();
    Optional<String> sslRootCert = Optional.empty();
    Duration slowQuery = Duration.ofSeconds(5);
    Duration monitorInterval = Duration.ofSeconds(2);

    @Override
    public Optional<String> url() {
        return url;
    }

    @Override
    public int maxSize() {
        return maxSize;
    }

    @Override
    public int maxWaiting() {
        return maxWaiting;
    }

    @Override
    public Optional<Path> passwordFile() {
        return passwordFile;
    }

    @Override
    public OptionalInt projectMaxWaiting() {
        return projectMaxWaiting;
    }

    @Override
    public OptionalInt projectMaxInUse() {
        return projectMaxInUse;
    }

    @Override
    public Duration lifoAfter() {
        return lifoAfter;
    }

    @Override
    public Duration acquireTimeout() {
        return acquireTimeout;
    }

    @Override
    public Duration maxLifetime() {
        return maxLifetime;
    }

    @Override
    public Duration idleTimeout() {
        return idleTimeout;
    }

    @Override
    public Duration idleCheck() {
        return idleCheck;
    }

    @Override
    public int statementCacheSize() {
        return statementCacheSize;
    }

    @Override
    public Duration connectTimeout() {
        return connectTimeout;
    }

    @Override
    public int connectBurst() {
        return connectBurst;
    }

    @Override
    public Duration outageAfter() {
        return outageAfter;
    }

    @Override
    public Duration statementTimeout() {
        return statementTimeout;
    }

    @Override
    public Duration idleInTransactionTimeout() {
        return idleInTransactionTimeout;
    }

    @Override
    public String synchronousCommit() {
        return synchronousCommit;
    }

    @Override
    public String applicationName() {
        return applicationName;
    }

    @Override
    public Optional<String> sslMode() {
        return sslMode;
    }

    @Override
    public Optional<String> sslRootCert() {
        return sslRootCert;
    }

    @Override
    public Duration slowQuery() {
        return slowQuery;
    }

    @Override
    public Duration monitorInterval() {
        return monitorInterval;
    }

    @Override
    public int replicas() {
        return replicas;
    }

    @Override
    public int reservedConnections() {
        return reservedConnections;
    }
}
