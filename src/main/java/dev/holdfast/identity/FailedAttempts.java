package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import io.netty.util.NetUtil;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * How often clients' addresses have failed to authenticate of late: each may so often at once, and again as fast as that
 * many would be spread over a minute. An IPv6 client is its network of 64 bits. Memory is constant: addresses share a
 * fixed number of slots by a hash that nobody outside can foresee, and two that meet in one share its limit.
 */
@ApplicationScoped
class FailedAttempts {

    private static final Logger LOG = Logger.getLogger(FailedAttempts.class);
    private static final int SLOTS = 1 << 14;
    private static final long WINDOW = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST = 1_000_000;
    private static final int SALT = 16;
    private static final long LOG_INTERVAL = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier clock;
    private final long start;
    private final long step;
    private final byte[] salt;
    // When the failures so far will have been worked off, in nanoseconds since the start; each adds one step.
    private final AtomicLongArray workedOff = new AtomicLongArray(SLOTS);
    private volatile long loggedAt;

    @Inject
    FailedAttempts(IdentityConfig config) {
        this(config.auth().maxFailures(), new SecureRandom().generateSeed(SALT), System::nanoTime);
    }

    static BadSetting.Finder outOfRange(BadSetting.Finder finder, int most) {
        return finder.check(
                most >= 1 && most <= MOST, "holdfast.auth.max-failures", "must be from 1 to " + MOST + " a minute.");
    }

    /**
     * @param most of one address in a minute
     * @param salt what decides which addresses share a slot
     * @param clock nanoseconds, as {@link System#nanoTime()}
     */
    FailedAttempts(int most, byte[] salt, LongSupplier clock) {
        outOfRange(new BadSetting.Finder(), most).refuse();
        this.clock = clock;
        this.start = clock.getAsLong();
        this.step = WINDOW / most;
        this.salt = salt;
        this.loggedAt = -LOG_INTERVAL;
    }

    /** How long until this address may fail again; null if it may now. */
    @Nullable
    Duration blocked(String address) {
        return wait(workedOff.get(slot(address)), now());
    }

    /** Counts a failure, unless the address has had too many: then it is how long until it may fail again. */
    @Nullable
    Duration add(String address) {
        int slot = slot(address);
        long now = now();
        while (true) {
            long before = workedOff.get(slot);
            Duration wait = wait(before, now);
            if (wait != null) {
                return wait;
            }
            long after = Math.max(before, now) + step;
            if (workedOff.compareAndSet(slot, before, after)) {
                if (wait(after, now) != null) {
                    report(address, now);
                }
                return null;
            }
        }
    }

    private @Nullable Duration wait(long workedOff, long now) {
        long nanos = workedOff + step - WINDOW - now;
        return nanos <= 0 ? null : Duration.ofNanos(nanos);
    }

    private void report(String address, long now) {
        if (now - loggedAt >= LOG_INTERVAL) {
            loggedAt = now;
            LOG.warnf("Too many API keys from %s were wrong: more are refused for a while", address);
        }
    }

    private long now() {
        return clock.getAsLong() - start;
    }

    private int slot(String address) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(salt);
            return ByteBuffer.wrap(sha256.digest(network(address))).getInt() & SLOTS - 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** What a client can't change at will: of an IPv6 address only the first half. */
    private static byte[] network(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            return address.getBytes(StandardCharsets.UTF_8);
        }
        return bytes.length == 4 || isMapped(bytes)
                ? Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length)
                : Arrays.copyOf(bytes, 8);
    }

    /** An IPv4 address as a socket for both shows it. */
    private static boolean isMapped(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return buffer.getLong(0) == 0 && buffer.getInt(8) == 0xffff;
    }
}
