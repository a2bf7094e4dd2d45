package dev.holdfast.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many waits for a connection there have been, from the service's histogram, which loses none.
 *
 * @param longer those of more than 50 ms
 */
record Waits(long all, long longer) {

    private static final String NAME = "holdfast_acquire_wait_seconds";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Empty where the management port can't be reached, as from outside of a cluster. */
    static Optional<Waits> of(String management) throws InterruptedException {
        if (management.isEmpty()) {
            return Optional.empty();
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(management + "/q/metrics/histograms"))
                .timeout(PATIENCE)
                .build();
        try {
            String page = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            long all = count(page, NAME + "_count");
            return Optional.of(new Waits(all, all - count(page, NAME + "_bucket{le=\"0.05\"}")));
        } catch (IOException e) {
            System.out.println(management + " does not answer: set -Dmanagement to count waits by it");
            return Optional.empty();
        }
    }

    private static long count(String page, String sample) {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(sample) + " (\\d+)").matcher(page);
        if (!line.find()) {
            throw new IllegalStateException("the metrics have no " + sample);
        }
        return Long.parseLong(line.group(1));
    }

    Waits since(Waits before) {
        return new Waits(all - before.all, longer - before.longer);
    }
}
