package dev.holdfast.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be told of a text without understanding it. */
final class Reading {

    static final int PREVIEW = 240;
    static final int MOST_CONCEPTS = 10;
    static final int MOST_RULES = 50;
    static final int LONGEST_RULE = 300;

    private static final int SHORTEST_CONCEPT = 4;
    private static final int LONGEST_CONCEPT = 40;
    private static final int MOST_WORDS = 20_000;
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}]+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}][\\p{L}\\p{N}_]*(-[\\p{L}\\p{N}_]+)*");
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?;])\\s+|\\R");
    private static final Pattern RULE = Pattern.compile("\\b(must|always|never)\\b", Pattern.CASE_INSENSITIVE);
    private static final Set<String> COMMON = Set.of(
            "about", "above", "after", "again", "also", "always", "been", "before", "being", "below", "between", "both",
            "cannot", "could", "does", "each", "every", "from", "have", "here", "into", "just", "like", "made", "make",
            "many", "more", "most", "must", "need", "never", "once", "only", "other", "over", "same", "should", "since",
            "some", "such", "than", "that", "their", "them", "then", "there", "these", "they", "this", "those",
            "through", "under", "until", "used", "uses", "using", "very", "want", "were", "what", "when", "where",
            "which", "while", "will", "with", "without", "would", "your");

    private Reading() {}

    /** The beginning on one line, cut between words where that can be. */
    static String preview(String text) {
        return shortened(oneLine(text.substring(0, Math.min(text.length(), 4 * PREVIEW))), PREVIEW);
    }

    /** The words that come most often, in lower case; among equals the earlier. */
    static List<String> concepts(String text) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        Matcher words = WORD.matcher(text);
        for (int i = 0; i < MOST_WORDS && words.find(); i++) {
            String word = words.group().toLowerCase(Locale.ROOT);
            if (word.length() >= SHORTEST_CONCEPT && word.length() <= LONGEST_CONCEPT && !COMMON.contains(word)) {
                counts.merge(word, 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(MOST_CONCEPTS)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The sentences with must, always or never, as they were written. */
    static List<String> rules(String text) {
        List<String> rules = new ArrayList<>();
        for (String sentence : SENTENCE_END.split(text)) {
            if (rules.size() < MOST_RULES && RULE.matcher(sentence).find()) {
                rules.add(shortened(oneLine(sentence), LONGEST_RULE));
            }
        }
        return rules;
    }

    /** At most {@code most} characters, an ellipsis included. */
    static String shortened(String text, int most) {
        if (text.codePointCount(0, text.length()) <= most) {
            return text;
        }
        String cut = text.substring(0, text.offsetByCodePoints(0, most - 1));
        int blank = cut.lastIndexOf(' ');
        return (blank > cut.length() / 2 ? cut.substring(0, blank) : cut) + "…";
    }

    private static String oneLine(String text) {
        String line = BLANKS.matcher(text).replaceAll(" ").strip();
        // The text may have been cut within a pair.
        boolean half = !line.isEmpty() && Character.isHighSurrogate(line.charAt(line.length() - 1));
        return half ? line.substring(0, line.length() - 1) : line;
    }
}
