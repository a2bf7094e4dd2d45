package dev.holdfast.llmconfig.probe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes of what a provider says what may be shown: short, printable, and without the key or any longer piece of it. */
final class ProviderText {

    private static final int LONGEST = 300;

    /** How many characters may agree with the key by chance, or by way of its usual prefix. */
    private static final int SHORTEST_PIECE = 6;

    private static final int BASE64_GROUP = 3;

    private final boolean tellable;
    private final List<String> forms = new ArrayList<>();

    /** @param key what must not be shown, in the clear, in hexadecimal or in Base64; null where there is nothing */
    ProviderText(@Nullable String key) {
        // A key this short can't be told from other text.
        tellable = key == null || key.length() >= SHORTEST_PIECE;
        if (key != null && tellable) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            forms.add(folded(key));
            forms.add(HexFormat.of().formatHex(bytes));
            for (int before = 0; before < BASE64_GROUP; before++) {
                byte[] shifted = new byte[before + bytes.length];
                System.arraycopy(bytes, 0, shifted, before, bytes.length);
                forms.add(folded(Base64.getEncoder().withoutPadding().encodeToString(shifted)));
            }
        }
    }

    /** @return null where nothing may be shown, or is left */
    @Nullable
    String shown(@Nullable String text) {
        if (text == null || !tellable) {
            return null;
        }
        String clean = text.replaceAll("[\\p{C}\\p{Z}\\s]+", " ").strip();
        String shown = withoutKey(cut(clean, 4 * LONGEST));
        if (shown.isEmpty()) {
            return null;
        }
        return shown.length() <= LONGEST ? shown : cut(shown, LONGEST) + "...";
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }

    private String withoutKey(String text) {
        String folded = folded(text);
        StringBuilder shown = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int piece = longestPiece(folded, at);
            if (piece < SHORTEST_PIECE) {
                shown.append(text.charAt(at++));
            } else {
                shown.append("[key]");
                at += piece;
            }
        }
        return shown.toString();
    }

    private int longestPiece(String folded, int at) {
        int longest = 0;
        for (String form : forms) {
            while (at + longest < folded.length() && form.contains(folded.substring(at, at + longest + 1))) {
                longest++;
            }
        }
        return longest;
    }

    /** Letters' case and the two alphabets of Base64 make no difference; no length changes. */
    private static String folded(String text) {
        char[] chars = text.toCharArray();
        for (int i = 0; i < chars.length; i++) {
            chars[i] = switch (chars[i]) {
                case '-' -> '+';
                case '_' -> '/';
                default -> Character.toLowerCase(chars[i]);
            };
        }
        return new String(chars);
    }
}
