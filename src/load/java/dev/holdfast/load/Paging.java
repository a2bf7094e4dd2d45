package dev.holdfast.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether a page costs the same wherever it is: a conversation of 200,000 items is read once from end to end, and then its
 * first and its last pages in turn, so that both meet the same machine. What is compared is the time that the client sees,
 * with one request at a time.
 */
final class Paging {

    private static final int PAGES = 10_000;
    private static final int PAGE = 20;
    private static final int COMPARED = 500;
    private static final int ROUNDS = 3;
    private static final double HIGHEST_RATIO = 1.3;
    private static final int PARTS = 10;
    private static final double MICROS = 1e3;
    private static final Pattern LAST = Pattern.compile("\"last_id\":\"([^\"]+)\",\"has_more\":(true|false)");

    private final KeptConnection reader;
    private final String items;
    /** What each page comes after. */
    private final List<String> cursors = new ArrayList<>(PAGES);

    private Paging(KeptConnection reader, String items) {
        this.reader = reader;
        this.items = items;
    }

    static Outcome.Builder outcome(Subject subject, Access access) throws IOException {
        Client writer = new Client(subject.url(), access.apiKey());
        String path = "/v1/conversations/"
                + writer.post("/v1/conversations", "{}").path("id").asText() + "/items";
        System.out.println("Filling a conversation with " + PAGES * PAGE + " items ...");
        for (int page = 0; page < PAGES; page++) {
            writer.post(path, twenty(page));
        }
        try (KeptConnection reader = new KeptConnection(subject.url(), access.apiKey())) {
            return new Paging(reader, path).outcome();
        }
    }

    private static String twenty(int page) {
        return IntStream.range(page * PAGE, (page + 1) * PAGE)
                .mapToObj(
                        n -> "{\"type\":\"message\",\"role\":\"user\",\"content\":\"This is item number " + n + ".\"}")
                .collect(Collectors.joining(",", "{\"items\":[", "]}"));
    }

    private Outcome.Builder outcome() throws IOException {
        Outcome.Builder outcome = new Outcome.Builder();
        List<Long> walk = walk();
        for (int part = 0; part < PARTS; part++) {
            int from = part * PAGES / PARTS;
            int to = (part + 1) * PAGES / PARTS;
            outcome.noted("pages " + (from + 1) + " to " + to + ", median", micros(median(walk.subList(from, to))));
        }
        List<Long> first = new ArrayList<>();
        List<Long> last = new ArrayList<>();
        for (int i = 0; i < COMPARED * ROUNDS; i++) {
            first.add(read(i % COMPARED));
            last.add(read(PAGES - COMPARED + i % COMPARED));
        }
        double ratio = (double) median(last) / median(first);
        return outcome.noted("the first " + COMPARED + " pages in turn with the last, median", micros(median(first)))
                .noted("the last " + COMPARED + " pages in turn with the first, median", micros(median(last)))
                .check(
                        "cost of the last pages to that of the first",
                        String.format(Locale.ROOT, "%.2f", ratio),
                        "at most " + HIGHEST_RATIO,
                        ratio <= HIGHEST_RATIO);
    }

    /** Reads everything, each item where it belongs, and keeps the cursors. */
    private List<Long> walk() throws IOException {
        List<Long> times = new ArrayList<>(PAGES);
        String after = "";
        for (int page = 0; page < PAGES; page++) {
            cursors.add(after);
            long began = System.nanoTime();
            String body = reader.get(path(page));
            times.add(System.nanoTime() - began);
            Matcher last = LAST.matcher(body);
            boolean complete = body.contains(" " + page * PAGE + ".\"")
                    && body.contains(" " + ((page + 1) * PAGE - 1) + ".\"")
                    && last.find()
                    && last.group(2).equals(Boolean.toString(page < PAGES - 1));
            if (!complete) {
                throw new IllegalStateException("page " + (page + 1) + " is not what was written: " + body);
            }
            after = "&after=" + last.group(1);
        }
        return times;
    }

    private long read(int page) throws IOException {
        long began = System.nanoTime();
        reader.get(path(page));
        return System.nanoTime() - began;
    }

    private String path(int page) {
        return items + "?order=asc&limit=" + PAGE + cursors.get(page);
    }

    private static long median(List<Long> times) {
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.0f µs", nanos / MICROS);
    }
}
