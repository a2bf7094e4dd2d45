package dev.holdfast.load.simulation;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What users and assistants say: 100 to 600 characters that differ from item to item. */
final class Texts {

    private static final int SHORTEST = 100;
    private static final int LONGEST = 600;
    private static final String SOURCE = """
            Why does the page hang when everybody comes back from lunch? Because each of them holds a connection while the \
            model is still thinking, and there are only so many of those. And what would you do about it? Give it back before \
            you wait for anything that is not the database, and ask again when you have something to write. Then the same \
            number of connections serves a hundred times as many people. What if there is none left all the same? Then whoever \
            asks should be told at once, and told when to come back, instead of being left to wait for an answer that nobody \
            reads any more. How would I notice in time? Look at how many are in use and at how many wait, not at how many \
            there are; seventy of a hundred in use is a warning, and one that waits for longer than fifty milliseconds is \
            another. Can a connection be lost in the middle of a write? It can, and the write may have been committed or not; \
            only the database knows. So ask it again, with the same key, and do not guess. And if it never answers? Then say \
            so: an outcome that is not known is no failure and no success, and whoever sent it has to be told just that.
            """.strip();

    private Texts() {}

    /** The field {@code items} of a request. */
    static String items(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> i % 2 == 0 ? user(some()) : assistant(some()))
                .collect(Collectors.joining(",", "\"items\":[", "]"));
    }

    static String user(String text) {
        return "{\"type\":\"message\",\"role\":\"user\",\"content\":\"" + text + "\"}";
    }

    static String assistant(String text) {
        return "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"" + text
                + "\"}]}";
    }

    private static String some() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int length = random.nextInt(SHORTEST, LONGEST);
        int from = random.nextInt(SOURCE.length() - length);
        return SOURCE.substring(from, from + length);
    }
}
