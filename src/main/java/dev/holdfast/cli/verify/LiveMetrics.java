package dev.holdfast.cli.verify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a running replica says of its connections' use, on its page of histograms. */
final class LiveMetrics {

    static final String PAGE = "/q/metrics/histograms";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    /**
     * Both since the replica's start.
     *
     * @param uses how often a connection was lent
     * @param seconds for which, all together
     */
    record Sample(double uses, double seconds, long nanos) {

        /**
         * Between two samples.
         *
         * @throws IOException if the replica was started anew in between
         */
        Demand until(Sample later) throws IOException {
            double took = (later.nanos - nanos) / 1e9;
            double used = later.uses - uses;
            if (used < 0 || later.seconds < seconds) {
                throw new IOException("the replica was started anew in between");
            }
            double inUse = (later.seconds - seconds) / took;
            return new Demand(
                    inUse,
                    String.format(
                            Locale.ROOT,
                            "%.0f uses in %.1f s, %s ms each",
                            used,
                            took,
                            Demand.figure(used == 0 ? 0 : 1000 * (later.seconds - seconds) / used)));
        }
    }

    /**
     * Looks twice.
     *
     * @param page the replica's management interface; the page's path is added if it has none
     * @throws IOException if it does not answer, or not with the histogram of usage
     */
    Demand demand(URI page, Duration between) throws IOException, InterruptedException {
        Sample first = sample(page);
        TimeUnit.NANOSECONDS.sleep(between.toNanos());
        return first.until(sample(page));
    }

    private Sample sample(URI page) throws IOException, InterruptedException {
        URI whole = page.getPath() == null || page.getPath().length() <= 1 ? page.resolve(PAGE) : page;
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(whole).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("it answers " + answer.statusCode());
        }
        return parse(answer.body(), System.nanoTime());
    }

    static Sample parse(String page, long nanos) throws IOException {
        return new Sample(
                value(page, "holdfast_connection_usage_seconds_count"),
                value(page, "holdfast_connection_usage_seconds_sum"),
                nanos);
    }

    private static double value(String page, String name) throws IOException {
        Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(page);
        if (!line.find()) {
            throw new IOException("it has no " + name);
        }
        return Double.parseDouble(line.group(1));
    }
}
