package dev.holdfast.llmconfig.probe;

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
        require(
                attemptTimeout.compareTo(SHORTEST) >= 0 && attemptTimeout.compareTo(LONGEST_ATTEMPT) <= 0,
                "attempt-timeout must be between 10 ms and 1 minute");
        require(
                timeout.compareTo(attemptTimeout) >= 0 && timeout.compareTo(LONGEST) <= 0,
                "timeout must be between attempt-timeout and 5 minutes");
        require(maxResponse >= SMALLEST && maxResponse <= LARGEST, "max-response must be between 1K and 16M");
        require(maxConcurrent >= 1 && maxConcurrent <= MOST, "max-concurrent must be between 1 and 100");
    }

    static ProbeLimits of(ProbeConfig config) {
        return new ProbeLimits(
                config.attemptTimeout(),
                config.timeout(),
                config.maxResponse()
                        .asBigInteger()
                        .min(BigInteger.valueOf(Integer.MAX_VALUE))
                        .intValue(),
                config.maxConcurrent(),
                config.allowPrivate(),
                config.allowLoopback());
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("holdfast.provider-test." + rule);
        }
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
