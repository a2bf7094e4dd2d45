package dev.holdfast.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks for pool-status ten times a second, and beside that for one page as a user would, which is served, queued or refused
 * as everybody else's is.
 */
final class Sampler implements AutoCloseable {

    private static final long EVERY_MILLIS = 100;
    private static final int ITEMS = 20;
    private static final double NANOS = 1e6;

    /** Two, so that the pool is watched just as often while the page waits for a connection. */
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);

    private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
    private final Client admin;
    private final Client user;
    private final String page;
    private volatile Page newest = new Page(System.nanoTime(), 0);
    private volatile @Nullable RuntimeException failure;

    /**
     * @param askedAt when it was asked for, on the clock of {@link System#nanoTime()}
     * @param millis what it took; -1 if it was refused, NaN while it is not there
     */
    private record Page(long askedAt, double millis) {

        double soFar() {
            return Double.isNaN(millis) ? (System.nanoTime() - askedAt) / NANOS : millis;
        }
    }

    Sampler(Client admin, Client user) {
        this.admin = admin;
        this.user = user;
        this.page = "/v1/conversations/" + conversation(user) + "/items?limit=" + ITEMS;
        every(this::read);
        every(this::sample);
    }

    private void every(Runnable task) {
        Runnable remembering = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        };
        threads.scheduleAtFixedRate(remembering, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static String conversation(Client user) {
        String item = "{\"type\":\"message\",\"role\":\"user\",\"content\":\"How is the pool?\"}";
        String items = (item + ",").repeat(ITEMS - 1) + item;
        return user.post("/v1/conversations", "{\"items\":[" + items + "]}")
                .path("id")
                .asText();
    }

    private void read() {
        Page asked = new Page(System.nanoTime(), Double.NaN);
        newest = asked;
        boolean served = user.send("GET", page, null).statusCode() == 200;
        newest = new Page(asked.askedAt, served ? asked.soFar() : -1);
    }

    private void sample() {
        samples.add(Sample.of(admin.get("/admin/pool-status"), System.nanoTime(), newest.soFar()));
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
        threads.shutdownNow();
    }
}
