package dev.holdfast.http;

import dev.holdfast.db.BadSetting;
import java.math.BigInteger;
import java.time.Duration;

/**
 * The checked form of {@link HttpConfig}.
 *
 * @param requestTimeout 1 ms to 1 h
 * @param maxBody in bytes, 1 KiB to 1 GiB
 */
record HttpLimits(Duration requestTimeout, int maxBody) {

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long SMALLEST = 1024;
    private static final long LARGEST = 1L << 30;

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
                .atLeast(
                        IdempotencyPurge.SHORTEST,
                        "1 s",
                        config.idempotencyPurgeInterval(),
                        "holdfast.http.idempotency-purge-interval");
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
                config.requestTimeout(), config.maxBody().asBigInteger().intValueExact());
    }
}
