package dev.holdfast.fire;

import dev.holdfast.testkit.RawClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Clients that each send the same request again as soon as it is answered, or a little later if it was refused. */
final class ClosedLoop implements AutoCloseable {

    private static final long PAUSE_MILLIS = 20;

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
    private final List<CompletableFuture<Void>> clients = new ArrayList<>();
    private final Supplier<CompletableFuture<Answer>> request;
    private volatile boolean over;

    ClosedLoop(int clients, Supplier<CompletableFuture<Answer>> request) {
        this.request = request;
        for (int i = 0; i < clients; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            this.clients.add(end);
            next(end);
        }
    }

    private void next(CompletableFuture<Void> end) {
        if (over) {
            end.complete(null);
            return;
        }
        long startedAt = System.nanoTime();
        request.get().whenComplete((answer, failure) -> {
            if (failure != null) {
                end.completeExceptionally(failure);
                return;
            }
            Done one = new Done(startedAt, System.nanoTime(), answer);
            done.add(one);
            thread.schedule(() -> next(end), one.succeeded() ? 0 : PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    /** What has been answered so far, in that order. */
    List<Done> done() {
        return List.copyOf(done);
    }

    /** The first success of a request that was answered at or after this moment; null if there is none yet. */
    Done firstSuccessAfter(long nanos) {
        return done.stream()
                .filter(one -> one.succeeded() && one.endedAt - nanos >= 0)
                .findFirst()
                .orElse(null);
    }

    /** Lets each client finish; fails if one of them was not answered at all. */
    @Override
    public void close() throws ExecutionException, InterruptedException, TimeoutException {
        over = true;
        CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        thread.shutdown();
    }
}
