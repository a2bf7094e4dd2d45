package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Does the same many times at once. */
public final class Parallel {

    private static final int THREADS = 8;

    private Parallel() {}

    /** What {@code step} gives for 0 to {@code count} - 1, in that order; fails with the first that failed. */
    public static <T> List<T> run(int count, IntFunction<T> step) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<T>> running = IntStream.range(0, count)
                    .mapToObj(i -> threads.submit(() -> step.apply(i)))
                    .toList();
            List<T> done = new ArrayList<>(count);
            for (Future<T> one : running) {
                done.add(one.get());
            }
            return done;
        } finally {
            threads.shutdownNow();
        }
    }
}
