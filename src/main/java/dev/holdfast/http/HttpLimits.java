package dev.holdfast.http;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;

/**
 * The checked form of {@link HttpConfig}.
 *
 * @param requestTimeout 1 ms to 1 h
 * @param maxBody in bytes, 1 KiB to 1 GiB
 * @param maxHeldBytes at least twice {@code maxBody}, so that half of it is enough for any request
 */
record HttpLimits(Duration requestTimeout, int maxBody, long maxHeldBytes) {

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long SMALLEST = 1024;
    private static final long LARGEST = 1L << 30;

    /** Every byte that is held has copies elsewhere: as text, as a parameter, in the driver's buffers. */
    private static final int HEAP_SHARE = 8;

    HttpLimits {
        requestTimeout(new BadSetting.Finder(), requestTimeout).refuse();
    }

    /** The settings that are out of range. */
    static BadSetting.Finder outOfRange(HttpConfig config) {
        BigInteger maxBody = config.maxBody().asBigInteger();
        return requestTimeout(new BadSetting.Finder(), config.requestTimeout())
                .check(
                        maxBody.compareTo(BigInteger.valueOf(SMALLEST)) >= 0
                                && maxBody.compareTo(BigInteger.valueOf(LARGEST)) <= 0,
                        "holdfast.http.max-body",
                        "must be between 1K and 1G.")
                .check(
                        maxHeldBytes(config).compareTo(leastHeldBytes(config)) >= 0
                                && maxHeldBytes(config).bitLength() < Long.SIZE,
                        "holdfast.http.max-held-bytes",
                        "must be at least twice holdfast.http.max-body.")
                .atLeast(
                        IdempotencyPurge.SHORTEST,
                        "1 s",
                        config.idempotencyPurgeInterval(),
                        "holdfast.http.idempotency-purge-interval");
    }

    private static BigInteger leastHeldBytes(HttpConfig config) {
        return config.maxBody().asBigInteger().shiftLeft(1);
    }

    private static BigInteger maxHeldBytes(HttpConfig config) {
        return config.maxHeldBytes()
                .map(MemorySize::asBigInteger)
                .orElseGet(() -> leastHeldBytes(config)
                        .max(BigInteger.valueOf(Runtime.getRuntime().maxMemory() / HEAP_SHARE)));
    }

    private static BadSetting.Finder requestTimeout(BadSetting.Finder finder, Duration value) {
        return finder.check(
                value.toMillis() >= 1 && value.compareTo(LONGEST) <= 0,
                "holdfast.http.request-timeout",
                "must be between 1 ms and 1 hour.");
    }

    static HttpLimits of(HttpConfig config) {
        outOfRange(config).refuse();
        return new HttpLimits(
                config.requestTimeout(),
                config.maxBody().asBigInteger().intValueExact(),
                maxHeldBytes(config).longValueExact());
    }
}
