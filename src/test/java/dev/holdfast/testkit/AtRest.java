package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.PoolFigures;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** What is true of any pool with no work under way. */
public final class AtRest {

    private AtRest() {}

    /**
     * Waits until nothing is under way, and checks that the figures agree with each other, with Vert.x's pool and with PostgreSQL.
     *
     * @param backends how many connections of the pool PostgreSQL knows
     */
    public static PoolFigures of(Database pool, LongSupplier backends) {
        AtomicReference<PoolFigures> rest = new AtomicReference<>();
        await().pollInterval(5, TimeUnit.MILLISECONDS)
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    PoolFigures now = pool.figures();
                    assertThat(now.inUse()).as("in use").isZero();
                    assertThat(now.waiting()).as("waiting").isZero();
                    assertThat(now.opening()).as("opening").isZero();
                    assertThat(now.opened() - now.closed()).as("open").isEqualTo(now.idle());
                    assertThat(pool.held()).as("held by Vert.x's pool").isEqualTo(now.idle());
                    assertThat(backends.getAsLong()).as("backends").isEqualTo(now.idle());
                    rest.set(now);
                });
        PoolFigures now = rest.get();
        assertThat(now.idle()).isLessThanOrEqualTo(now.maxSize());
        assertThat(now.asked()).as("asked").isEqualTo(ended(now));
        assertThat(now.projects()).isEmpty();
        return now;
    }

    /** Requests for a connection that have come to an end, whichever. */
    public static long ended(PoolFigures now) {
        return now.acquired() + now.timedOut() + now.rejected() + now.cancelled() + now.connectFailed() + now.refused();
    }
}
