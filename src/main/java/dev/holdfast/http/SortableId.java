package dev.holdfast.http;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Ids of ours: a prefix, 12 hex digits of Unix milliseconds and 28 of randomness. The time comes first so that ids sort by
 * age: lists page by id, and inserts stay at one end of the index.
 */
public final class SortableId {

    private static final int MIN_HEX = 32;
    private static final int MAX_HEX = 48;
    private static final int TIME_HEX = 12;
    private static final ThreadLocal<RandomBytes> RANDOM = ThreadLocal.withInitial(RandomBytes::new);

    private SortableId() {}

    /** A new id that no replica makes again; {@code millis} is the Unix time. */
    public static String next(String prefix, long millis) {
        HexFormat hex = HexFormat.of();
        StringBuilder id = new StringBuilder(prefix.length() + TIME_HEX + 2 * RandomBytes.PER_ID);
        id.append(prefix).append(hex.toHexDigits(millis, TIME_HEX));
        RANDOM.get().appendTo(id, hex);
        return id.toString();
    }

    /** What is less than every id that is made from {@code millis} on, and more than every earlier one. */
    public static String from(String prefix, long millis) {
        return prefix + HexFormat.of().toHexDigits(millis, TIME_HEX);
    }

    /** Whether it can be such an id: the prefix and 32 to 48 lower-case hex digits. */
    public static boolean is(String prefix, @Nullable String id) {
        if (id == null || !id.startsWith(prefix)) {
            return false;
        }
        int digits = id.length() - prefix.length();
        if (digits < MIN_HEX || digits > MAX_HEX) {
            return false;
        }
        for (int i = prefix.length(); i < id.length(); i++) {
            char c = id.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    /**
     * One thread's stock of random bytes. SecureRandom, because a generator with 64 bits of state would give 112-bit ids
     * only 64 bits of safety between replicas; in bulk, because one call per id would cost more than parsing an item.
     */
    private static final class RandomBytes {

        static final int PER_ID = 14;

        private final SecureRandom source = new SecureRandom();
        private final byte[] stock = new byte[128 * PER_ID];
        private int used = stock.length;

        void appendTo(StringBuilder id, HexFormat hex) {
            if (used == stock.length) {
                source.nextBytes(stock);
                used = 0;
            }
            hex.formatHex(id, stock, used, used + PER_ID);
            used += PER_ID;
        }
    }
}
