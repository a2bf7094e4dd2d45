package dev.holdfast.http;

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
        long least = 2 * maxBody.longValueExact();
        BigInteger maxHeld = config.maxHeldBytes()
                .map(MemorySize::asBigInteger)
                .orElse(BigInteger.valueOf(Math.max(least, Runtime.getRuntime().maxMemory() / HEAP_SHARE)));
        if (maxHeld.compareTo(BigInteger.valueOf(least)) < 0 || maxHeld.bitLength() >= Long.SIZE) {
            throw new IllegalArgumentException("holdfast.http.max-held-bytes is " + maxHeld
                    + " bytes, it must be at least twice holdfast.http.max-body, which is " + maxBody);
        }
        return new HttpLimits(config.requestTimeout(), maxBody.intValueExact(), maxHeld.longValueExact());
    }
}
