package dev.holdfast.conversation;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Ids of conversations and items: a prefix, 12 hex digits of Unix milliseconds and 28 of randomness. The time comes
 * first so that ids sort by age: lists page by id, and inserts stay at one end of the index.
 */
final class Ids {

    /** The longest id that an item may have, in characters. */
    static final int MAX_ITEM_ID = 128;

    private static final String CONVERSATION = "conv_";
    private static final int MIN_CONVERSATION_HEX = 32;
    private static final int MAX_CONVERSATION_HEX = 48;
    private static final int TIME_HEX = 12;
    private static final ThreadLocal<RandomBytes> RANDOM = ThreadLocal.withInitial(RandomBytes::new);

    private Ids() {}

    /** A new id that no replica makes again; {@code millis} is the Unix time. */
    static String newId(String prefix, long millis) {
        HexFormat hex = HexFormat.of();
        StringBuilder id = new StringBuilder(prefix.length() + TIME_HEX + 2 * RandomBytes.PER_ID);
        id.append(prefix).append(hex.toHexDigits(millis, TIME_HEX));
        RANDOM.get().appendTo(id, hex);
        return id.toString();
    }

    static String newConversationId(long millis) {
        return newId(CONVERSATION, millis);
    }

    /** Whether a conversation can have this id: {@code conv_} and 32 to 48 lower-case hex digits. */
    static boolean isConversationId(@Nullable String id) {
        if (id == null || !id.startsWith(CONVERSATION)) {
            return false;
        }
        int digits = id.length() - CONVERSATION.length();
        if (digits < MIN_CONVERSATION_HEX || digits > MAX_CONVERSATION_HEX) {
            return false;
        }
        for (int i = CONVERSATION.length(); i < id.length(); i++) {
            char c = id.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    /** Whether an item can have this id: 1 to 128 of {@code A-Z a-z 0-9 _ . : -}. */
    static boolean isItemId(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_ITEM_ID) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            if (!isItemIdCharacter(id.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isItemIdCharacter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '_'
                || c == '.'
                || c == ':'
                || c == '-';
    }

    /**
     * One thread's stock of random bytes. SecureRandom, because a generator with 64 bits of state would give 112-bit ids
     * only 64 bits of safety between replicas; in bulk, because one call per id would cost more than parsing the item.
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
