package dev.holdfast.fire;

import dev.holdfast.testkit.RawClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The same request over and over, until it is closed. */
final class Load implements AutoCloseable {

    private static final long PAUSE_MILLIS = 20;
    /** Each has a connection: more would be too much for the process that makes the load. */
    private static final int MOST_UNDER_WAY = 1_000;

    /** One request; times are of {@link System#nanoTime()}. */
    record Done(long startedAt, long endedAt, Answer answer) {

        boolean succeeded() {
            return answer.status() == 200;
        }

        Duration took() {
            return Duration.ofNanos(endedAt - startedAt);
        }
    }

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();
    private final Collection<CompletableFuture<?>> underWay = new ConcurrentLinkedQueue<>();
    private final Supplier<CompletableFuture<Answer>> request;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile boolean over;

    private Load(Supplier<CompletableFuture<Answer>> request) {
        this.request = request;
    }

    /** So many clients that send it again when it was answered, a little later if it was refused. */
    static Load closed(int clients, Supplier<CompletableFuture<Answer>> request) {
        Load load = new Load(request);
        for (int i = 0; i < clients; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            load.underWay.add(end);
            load.next(end);
        }
        return load;
    }

    /**
     * So many a second, whether the earlier ones have been answered or not; each is timed from when it was due. What is due
     * while a thousand wait for their answers is not sent.
     */
    static Load open(int perSecond, Supplier<CompletableFuture<Answer>> request) {
        Load load = new Load(request);
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long[] due = {System.nanoTime()};
        load.thread.scheduleAtFixedRate(
                () -> {
                    while (!load.over && due[0] - System.nanoTime() <= 0) {
                        load.sendOneMore(due[0]);
                        due[0] += period;
                    }
                },
                0,
                Math.min(period, TimeUnit.MILLISECONDS.toNanos(1)),
                TimeUnit.NANOSECONDS);
        return load;
    }

    private void sendOneMore(long due) {
        if (waiting.incrementAndGet() > MOST_UNDER_WAY) {
            waiting.decrementAndGet();
            unsent.incrementAndGet();
        } else {
            underWay.add(send(due).whenComplete((one, failure) -> waiting.decrementAndGet()));
        }
    }

    private CompletableFuture<Done> send(long startedAt) {
        return request.get().thenApply(answer -> {
            Done one = new Done(startedAt, System.nanoTime(), answer);
            done.add(one);
            return one;
        });
    }

    private void next(CompletableFuture<Void> end) {
        if (over) {
            end.complete(null);
            return;
        }
        send(System.nanoTime()).whenComplete((one, failure) -> {
            if (failure != null) {
                end.completeExceptionally(failure);
            } else {
                thread.schedule(() -> next(end), one.succeeded() ? 0 : PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** What has been answered so far, in that order. */
    List<Done> done() {
        return List.copyOf(done);
    }

    /** How many were due and have not been sent. */
    int unsent() {
        return unsent.get();
    }

    /** The first success of a request that was answered at or after this moment; null if there is none yet. */
    Done firstSuccessAfter(long nanos) {
        return done.stream()
                .filter(one -> one.succeeded() && one.endedAt - nanos >= 0)
                .findFirst()
                .orElse(null);
    }

    /** How often each code was answered, {@code ""} for successes. */
    Map<String, Long> codes() {
        return done.stream()
                .collect(Collectors.groupingBy(one -> one.answer.code(), TreeMap::new, Collectors.counting()));
    }

    /** What so many of a hundred took at most, in milliseconds. */
    static double percentile(Stream<Done> some, double percent) {
        List<Duration> sorted = some.map(Done::took).sorted().toList();
        int index = (int) Math.ceil(sorted.size() * percent / 100) - 1;
        return sorted.isEmpty() ? Double.NaN : sorted.get(Math.max(0, index)).toNanos() / 1e6;
    }

    /** Sends no more and waits for what was sent; fails if anything was not answered at all. */
    @Override
    public void close() throws ExecutionException, InterruptedException, TimeoutException {
        over = true;
        List<CompletableFuture<?>> all = new ArrayList<>(underWay);
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        thread.shutdown();
    }
}
