package dev.holdfast.http;

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
        if (requestTimeout.toMillis() < 1 || requestTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "holdfast.http.request-timeout is " + requestTimeout + ", it must be between 1 ms and 1 hour");
        }
    }

    static HttpLimits of(HttpConfig config) {
        BigInteger maxBody = config.maxBody().asBigInteger();
        if (maxBody.compareTo(BigInteger.valueOf(SMALLEST)) < 0 || maxBody.compareTo(BigInteger.valueOf(LARGEST)) > 0) {
            throw new IllegalArgumentException(
                    "holdfast.http.max-body is " + maxBody + " bytes, it must be between 1K and 1G");
        }
        return new HttpLimits(config.requestTimeout(), maxBody.intValueExact());
    }
}
