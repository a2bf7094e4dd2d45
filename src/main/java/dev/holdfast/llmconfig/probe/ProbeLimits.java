package dev.holdfast.llmconfig.probe;

import dev.holdfast.db.BadSetting;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The checked form of {@link ProbeConfig}.
 *
 * @param attemptTimeout 10 ms to 1 minute
 * @param timeout from {@code attemptTimeout} to 5 minutes
 * @param maxResponse in bytes, 1 KiB to 16 MiB
 * @param maxConcurrent 1 to 100
 */
record ProbeLimits(
        Duration attemptTimeout,
        Duration timeout,
        int maxResponse,
        int maxConcurrent,
        boolean allowPrivate,
        boolean allowLoopback) {

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST_ATTEMPT = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int SMALLEST = 1 << 10;
    private static final int LARGEST = 16 << 20;
    private static final int MOST = 100;

    ProbeLimits {
        outOfRange(attemptTimeout, timeout, maxResponse, maxConcurrent).refuse();
    }

    static BadSetting.Finder outOfRange(ProbeConfig config) {
        return outOfRange(config.attemptTimeout(), config.timeout(), maxResponse(config), config.maxConcurrent());
    }

    private static BadSetting.Finder outOfRange(
            Duration attemptTimeout, Duration timeout, int maxResponse, int maxConcurrent) {
        return new BadSetting.Finder()
                .check(
                        attemptTimeout.compareTo(SHORTEST) >= 0 && attemptTimeout.compareTo(LONGEST_ATTEMPT) <= 0,
                        "holdfast.provider-test.attempt-timeout",
                        "must be between 10 ms and 1 minute.")
                .check(
                        timeout.compareTo(attemptTimeout) >= 0 && timeout.compareTo(LONGEST) <= 0,
                        "holdfast.provider-test.timeout",
                        "must be between attempt-timeout and 5 minutes.")
                .check(
                        maxResponse >= SMALLEST && maxResponse <= LARGEST,
                        "holdfast.provider-test.max-response",
                        "must be between 1K and 16M.")
                .check(
                        maxConcurrent >= 1 && maxConcurrent <= MOST,
                        "holdfast.provider-test.max-concurrent",
                        "must be between 1 and 100.");
    }

    private static int maxResponse(ProbeConfig config) {
        return config.maxResponse()
                .asBigInteger()
                .min(BigInteger.valueOf(Integer.MAX_VALUE))
                .intValue();
    }

    static ProbeLimits of(ProbeConfig config) {
        return new ProbeLimits(
                config.attemptTimeout(),
                config.timeout(),
                maxResponse(config),
                config.maxConcurrent(),
                config.allowPrivate(),
                config.allowLoopback());
    }

    /** Why a host with these addresses is not called; one that is forbidden forbids all, since another try could pick it. */
    Optional<String> objection(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address -> !allows(AddressKind.of(address)))
                .findFirst()
                .map(address -> "The host has the address " + address.getHostAddress() + ", which "
                        + switch (AddressKind.of(address)) {
                            case PRIVATE -> "is private; holdfast.provider-test.allow-private allows that.";
                            case LOOPBACK -> "is this host's own; holdfast.provider-test.allow-loopback allows that.";
                            default ->
                                "is no provider's: metadata services, link-local and reserved addresses are"
                                        + " never called.";
                        });
    }

    private boolean allows(AddressKind kind) {
        return switch (kind) {
            case PUBLIC -> true;
            case PRIVATE -> allowPrivate;
            case LOOPBACK -> allowLoopback;
            case NEVER -> false;
        };
    }
}
