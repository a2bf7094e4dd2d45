package dev.holdfast.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks for pool-status ten times a second, and each time for one page as a user would. It has a connection of the service's
 * own, so it is answered, or not, as everybody else is.
 */
final class Sampler implements AutoCloseable {

    private static final long EVERY_MILLIS = 100;
    private static final int ITEMS = 20;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
    private final Client admin;
    private final Client user;
    private final String page;
    private volatile @Nullable RuntimeException failure;

    Sampler(Client admin, Client user) {
        this.admin = admin;
        this.user = user;
        this.page = "/v1/conversations/" + conversation(user) + "/items?limit=" + ITEMS;
        thread.scheduleAtFixedRate(this::sample, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static String conversation(Client user) {
        String item = "{\"type\":\"message\",\"role\":\"user\",\"content\":\"How is the pool?\"}";
        String items = (item + ",").repeat(ITEMS - 1) + item;
        return user.post("/v1/conversations", "{\"items\":[" + items + "]}")
                .path("id")
                .asText();
    }

    private void sample() {
        try {
            long began = System.nanoTime();
            boolean served = user.send("GET", page, null).statusCode() == 200;
            double took = (System.nanoTime() - began) / 1e6;
            samples.add(Sample.of(admin.get("/admin/pool-status"), System.nanoTime(), served ? took : -1));
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    /** Those taken at or after a moment of {@link System#nanoTime()}. */
    List<Sample> since(long nanos) {
        if (failure != null) {
            throw new IllegalStateException("pool-status could not be sampled", failure);
        }
        return samples.stream().filter(sample -> sample.nanos() - nanos >= 0).toList();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
