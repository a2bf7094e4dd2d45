package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DbLimitsTest {

    private static final Duration DAY = Duration.ofDays(1);

    private final TestConfig config = new TestConfig();

    @Test
    void theDefaultsAreTaken() {
        assertThat(DbLimits.of(config))
                .isEqualTo(new DbLimits(
                        50,
                        500,
                        50,
                        250,
                        8,
                        2_000_000L,
                        125_000_000L,
                        10_000_000_000L,
                        300_000_000_000L,
                        600_000_000_000L,
                        30_000_000_000L,
                        1_000_000_000L,
                        5_000_000_000L,
                        Math.max(1, Runtime.getRuntime().availableProcessors() / 2)));
    }

    static Stream<Arguments> timers() {
        return Stream.of(
                timer("holdfast.db.connect-timeout (DB_CONNECT_TIMEOUT)", false, (c, d) -> c.connectTimeout = d),
                timer("holdfast.db.acquire-timeout (DB_POOL_TIMEOUT)", false, (c, d) -> c.acquireTimeout = d),
                timer("holdfast.db.max-lifetime (DB_POOL_RECYCLE)", false, (c, d) -> c.maxLifetime = d),
                timer("holdfast.db.idle-timeout", false, (c, d) -> c.idleTimeout = d),
                timer("holdfast.db.lifo-after", false, (c, d) -> c.lifoAfter = d),
                timer("holdfast.db.slow-query (DB_SLOW_QUERY)", false, (c, d) -> c.slowQuery = d),
                timer("holdfast.db.idle-check (DB_POOL_IDLE_CHECK)", true, (c, d) -> c.idleCheck = d),
                timer("holdfast.db.outage-after", true, (c, d) -> c.outageAfter = d),
                timer("holdfast.db.statement-timeout (DB_STATEMENT_TIMEOUT)", true, (c, d) -> c.statementTimeout = d),
                timer(
                        "holdfast.db.idle-in-transaction-timeout (DB_IDLE_IN_TRANSACTION_TIMEOUT)",
                        true,
                        (c, d) -> c.idleInTransactionTimeout = d));
    }

    @Test
    void theMonitorsBeatIsAtMostFourSecondsBecauseRevokedKeysStopWithIt() {
        config.monitorInterval = Duration.ofSeconds(4);
        assertThatCode(() -> DbLimits.of(config)).doesNotThrowAnyException();
        for (Duration bad : new Duration[] {Duration.ofMillis(4_001), Duration.ZERO, Duration.ofSeconds(-1)}) {
            config.monitorInterval = bad;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DbLimits.of(config))
                    .withMessageContaining("holdfast.db.monitor-interval");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("timers")
    void durationsAreFromAMillisecondToTwentyFourDays(String name, boolean zero, Setter setter) {
        for (Duration good : new Duration[] {Duration.ofMillis(1), DAY.multipliedBy(24)}) {
            setter.set(config, good);
            assertThatCode(() -> DbLimits.of(config)).doesNotThrowAnyException();
        }
        Duration[] bad = {
            Duration.ofMillis(-1),
            Duration.ofNanos(999_999),
            DAY.multipliedBy(24).plusNanos(1),
            DAY.multipliedBy(1 << 30)
        };
        for (Duration value : bad) {
            setter.set(config, value);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DbLimits.of(config))
                    .withMessage(name + " must be " + (zero ? "0 or " : "") + "from 1 ms to 24 days.");
        }
        setter.set(config, Duration.ZERO);
        if (zero) {
            assertThatCode(() -> DbLimits.of(config)).doesNotThrowAnyException();
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DbLimits.of(config))
                    .withMessageStartingWith(name);
        }
    }

    static Stream<Arguments> leasts() {
        return Stream.of(
                Arguments.of("holdfast.db.max-size (DB_CONNECTION_LIMIT)", 1, (Counter) (c, n) -> c.maxSize = n),
                Arguments.of("holdfast.db.max-waiting (DB_POOL_MAX_WAITING)", 0, (Counter) (c, n) -> c.maxWaiting = n),
                Arguments.of(
                        "holdfast.db.project-max-in-use", 1, (Counter) (c, n) -> c.projectMaxInUse = OptionalInt.of(n)),
                Arguments.of("holdfast.db.project-max-waiting", 0, (Counter)
                        (c, n) -> c.projectMaxWaiting = OptionalInt.of(n)),
                Arguments.of("holdfast.db.connect-burst", 1, (Counter) (c, n) -> c.connectBurst = n),
                Arguments.of("holdfast.db.statement-cache-size (DB_STATEMENT_CACHE_SIZE)", 0, (Counter)
                        (c, n) -> c.statementCacheSize = n),
                Arguments.of("holdfast.db.replicas (DB_REPLICAS)", 1, (Counter) (c, n) -> c.replicas = n),
                Arguments.of("holdfast.db.reserved-connections (DB_RESERVED_CONNECTIONS)", 0, (Counter)
                        (c, n) -> c.reservedConnections = n));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("leasts")
    void countsHaveALeastValue(String name, int least, Counter setter) {
        for (int good : new int[] {least, Integer.MAX_VALUE}) {
            setter.set(config, good);
            assertThatCode(() -> DbLimits.of(config)).doesNotThrowAnyException();
        }
        setter.set(config, least - 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DbLimits.of(config))
                .withMessage(name + " must be at least " + least + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off", "local", "remote_write", "remote_apply"})
    void synchronousCommitTakesPostgresValues(String value) {
        config.synchronousCommit = value;
        assertThatCode(() -> DbLimits.of(config)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "true", "ON", "remote"})
    void synchronousCommitTakesNoOtherValue(String value) {
        config.synchronousCommit = value;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DbLimits.of(config))
                .withMessage("holdfast.db.synchronous-commit (DB_SYNCHRONOUS_COMMIT) must be one of on, off, local,"
                        + " remote_write, remote_apply.");
    }

    private interface Setter {
        void set(TestConfig config, Duration value);
    }

    private interface Counter {
        void set(TestConfig config, int value);
    }

    private static Arguments timer(String name, boolean zero, Setter setter) {
        return Arguments.of(name, zero, setter);
    }
}
