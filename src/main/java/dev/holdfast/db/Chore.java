package dev.holdfast.db;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Something that is removed by and by: batch after batch, each a short statement of its own, until nothing is left; at an
 * interval, and when it is woken. Any number of replicas may do so at once, if the statement passes over what others hold.
 */
public final class Chore {

    private static final Logger LOG = Logger.getLogger(Chore.class);
    private static final Duration BATCH_LIMIT = Duration.ofSeconds(30);

    /** No project can have this name: chores have a turn of their own in the queue for connections. */
    private static final String PROJECT = "(purge)";

    /**
     * What one statement did.
     *
     * @param removed how many rows, of those that count
     * @param more whether another batch should follow at once
     */
    public record Batch(long removed, boolean more) {

        /** One of a chore whose batches are full while there is more. */
        public static Batch of(long removed, int full) {
            return new Batch(removed, removed >= full);
        }
    }

    private final String what;
    private final Function<Ticket, Uni<Batch>> batch;
    private final AtomicBoolean running = new AtomicBoolean();
    private final LongAdder removed = new LongAdder();
    private final Vertx vertx;
    private final long timer;
    private volatile boolean asked;
    private volatile boolean failing;
    private volatile boolean stopped;

    /** @param what is removed, in plural, for metrics and the log: a constant such as {@code items} */
    Chore(Vertx vertx, String what, Duration interval, Function<Ticket, Uni<Batch>> batch) {
        this.vertx = vertx;
        this.what = what;
        this.batch = batch;
        this.timer = vertx.setPeriodic(interval.toMillis(), id -> wake());
    }

    /** To be called when there may be something to do; what other replicas have left is found in time without it. */
    public void wake() {
        asked = true;
        if (running.compareAndSet(false, true)) {
            asked = false;
            vertx.runOnContext(v -> run().subscribe().with(done -> ended(), this::failed));
        }
    }

    /** Batch after batch until nothing is left. */
    public Uni<Void> run() {
        return Uni.createFrom()
                .deferred(() -> stopped
                        ? Uni.createFrom().item(new Batch(0, false))
                        : batch.apply(new Ticket(PROJECT, Deadline.in(BATCH_LIMIT))))
                .invoke(done -> removed.add(done.removed))
                .repeat()
                .whilst(Batch::more)
                .collect()
                .last()
                .replaceWithVoid();
    }

    String what() {
        return what;
    }

    long removed() {
        return removed.sum();
    }

    void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }

    private void failed(Throwable failure) {
        // Once is enough until it works again.
        LOG.logf(
                failing ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Removing old %s failed and is tried again later: %s",
                what,
                failure.getMessage());
        failing = true;
        running.set(false);
    }

    private void ended() {
        failing = false;
        running.set(false);
        if (asked && !stopped) {
            wake();
        }
    }
}
