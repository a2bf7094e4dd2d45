package dev.holdfast.fire;

import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.RawClient.Answer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Some times what the service can do, offered for half a minute. Its statements take so long that connections, and not this
 * machine that also makes the load, are what there is too little of. Asserts nothing: it prints.
 */
@QuarkusTest
@TestProfile(UnderFire.class)
@Tag("measure")
class OverloadTest {

    private static final double SECONDS = 0.1;
    private static final int OVERLOAD_SECONDS = 30;
    private static final int SAMPLE = 1_000;

    OwnServer database;

    private final LightClient client = new LightClient();
    private SlowConversations slow;

    @BeforeEach
    void slowDown() {
        slow = new SlowConversations(database.database());
    }

    @AfterEach
    void mend() {
        client.close();
        slow.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 10})
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void goodputAndLatencyAtSomeTimesTheCapacity(int times) throws Exception {
        run(Load.closed(2 * UnderFire.SIZE, this::request), 10);
        List<Load.Done> best = run(Load.closed(2 * UnderFire.SIZE, this::request), 10);
        double peak = best.size() / 10.0;
        int light = (int) (peak / 4);
        double before = lightP95(light);
        long heapBefore = usedHeap();

        String overload = offer(times, peak);
        long overAt = System.nanoTime();
        await().until(() -> System.nanoTime() - overAt >= TimeUnit.SECONDS.toNanos(1));
        double after = lightP95(light);

        System.out.print(overload);
        System.out.printf("Heap after collection: %d MiB before, %d MiB after%n", heapBefore, usedHeap());
        System.out.printf(
                "p95 of %d requests at %d/s: %.1f ms before, %.1f ms from a second after, %.2f times as much%n",
                SAMPLE, light, before, after, after / before);
    }

    /** What came of it, in words. None of the answers is kept: they would count as the service's memory. */
    private String offer(int times, double peak) throws Exception {
        Load load = Load.open((int) (times * peak), this::request);
        List<Load.Done> all = run(load, OVERLOAD_SECONDS);
        double goodput = all.stream().filter(Load.Done::succeeded).count() / (double) OVERLOAD_SECONDS;
        return """
                Peak: %.0f requests/s; offered: %.0f/s for %d s
                Goodput: %.0f requests/s, %.0f %% of the peak
                What succeeded: p50 %.0f ms, p95 %.0f ms, p99 %.0f ms
                Answers by code: %s, not sent: %d
                """.formatted(
                        peak,
                        times * peak,
                        OVERLOAD_SECONDS,
                        goodput,
                        100 * goodput / peak,
                        successes(all, 50),
                        successes(all, 95),
                        successes(all, 99),
                        load.codes(),
                        load.unsent());
    }

    private CompletableFuture<Answer> request() {
        return client.post("/v1/conversations", SlowConversations.taking(SECONDS));
    }

    /** Lets it run for so long; what was answered in that time. */
    private static List<Load.Done> run(Load load, int seconds) throws Exception {
        long startedAt = System.nanoTime();
        await().atMost(Duration.ofMinutes(2))
                .until(() -> System.nanoTime() - startedAt >= TimeUnit.SECONDS.toNanos(seconds));
        List<Load.Done> done = load.done();
        load.close();
        return done;
    }

    private double lightP95(int perSecond) throws Exception {
        try (Load load = Load.open(perSecond, this::request)) {
            await().atMost(Duration.ofMinutes(2)).until(() -> load.done().size() >= SAMPLE);
            return Load.percentile(load.done().stream().limit(SAMPLE), 95);
        }
    }

    private static double successes(List<Load.Done> all, double percent) {
        return Load.percentile(all.stream().filter(Load.Done::succeeded), percent);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    }
}
