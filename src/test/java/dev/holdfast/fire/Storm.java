package dev.holdfast.fire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Database;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.testkit.Cut;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.Proxy;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Ends connections all the time, and kills the server now and then, until it is over. */
final class Storm {

    private static final Duration EACH = Duration.ofMillis(50);
    private static final int MOST_BYTES = 30_000;

    private final Database pool;
    private final OwnServer database;
    private final SplittableRandom random;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> terminating;
    private final int[] kills;
    private final LongSupplier progress;
    private int killed;
    private long terminated;

    /**
     * @param progress how far the work is
     * @param kills where in that progress the server is killed and started again
     */
    Storm(Database pool, OwnServer database, SplittableRandom random, LongSupplier progress, int... kills) {
        this.pool = pool;
        this.database = database;
        this.random = random;
        this.progress = progress;
        this.kills = kills;
        database.proxy().cutEach(this::cut);
        database.proxy().hangUp();
        terminating = thread.scheduleAtFixedRate(this::strike, 0, EACH.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized Cut cut() {
        Proxy.Way way = random.nextInt(4) == 0 ? Proxy.Way.TO_CLIENT : Proxy.Way.TO_SERVER;
        int most = way == Proxy.Way.TO_CLIENT ? MOST_BYTES / 5 : MOST_BYTES;
        return Cut.after(random.nextInt(most), way, Proxy.End.RESET);
    }

    private void strike() {
        PoolFigures now = pool.figures();
        assertThat(now.opened() - now.closed()).as("open connections").isLessThanOrEqualTo(now.maxSize());
        if (killed < kills.length && progress.getAsLong() >= kills[killed]) {
            killed++;
            database.server().kill();
            database.server().start();
        } else {
            terminated += database.terminate(1);
        }
    }

    /** Ends the storm, and says what it did; fails if that was less than it should have done. */
    String end() throws ExecutionException, InterruptedException {
        if (terminating.isDone()) {
            terminating.get();
        }
        terminating.cancel(false);
        thread.submit(() -> database.proxy().forward()).get();
        thread.shutdown();
        assertThat(killed).as("times that the server was killed").isEqualTo(kills.length);
        return terminated + " backends terminated, " + killed + " times killed, "
                + database.proxy().accepted() + " connections made";
    }
}
