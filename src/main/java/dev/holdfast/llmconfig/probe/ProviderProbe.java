package dev.holdfast.llmconfig.probe;

import dev.holdfast.db.Backoff;
import dev.holdfast.db.Deadline;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Asks providers for their list of models, a few at a time. It follows the JVM's own trust in authorities
 * ({@code javax.net.ssl.trustStore}), and goes through no proxy, which would resolve names anew.
 */
// Not ApplicationScoped: ProbeRun uses its fields, which a client proxy does not have.
@Singleton
public class ProviderProbe {

    private static final Backoff BACKOFF = new Backoff(
            TimeUnit.MILLISECONDS.toNanos(200),
            TimeUnit.SECONDS.toNanos(2),
            () -> ThreadLocalRandom.current().nextDouble());

    final Vertx vertx;
    final HttpClient client;
    final ProbeLimits limits;
    final Backoff backoff;
    final Function<String, Future<List<InetAddress>>> resolver;
    private final Semaphore free;

    @Inject
    ProviderProbe(Vertx vertx, ProbeConfig config) {
        this(vertx, ProbeLimits.of(config), BACKOFF, resolver(vertx, config.maxConcurrent()), new HttpClientOptions());
    }

    /**
     * @param resolver all addresses of a host
     * @param options whom to trust
     */
    ProviderProbe(
            Vertx vertx,
            ProbeLimits limits,
            Backoff backoff,
            Function<String, Future<List<InetAddress>>> resolver,
            HttpClientOptions options) {
        this.vertx = vertx;
        this.limits = limits;
        this.backoff = backoff;
        this.resolver = resolver;
        this.free = new Semaphore(limits.maxConcurrent());
        int millis = (int) limits.attemptTimeout().toMillis();
        this.client = vertx.createHttpClient(options.setKeepAlive(false)
                .setMaxPoolSize(2 * limits.maxConcurrent())
                .setConnectTimeout(millis)
                .setSslHandshakeTimeout(millis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS));
    }

    /** The platform's resolver, which blocks: it gets threads of its own, as many as there are tests. */
    private static Function<String, Future<List<InetAddress>>> resolver(Vertx vertx, int threads) {
        WorkerExecutor workers = vertx.createSharedWorkerExecutor("holdfast-provider-test-dns", threads);
        return host -> workers.executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false);
    }

    /**
     * Tries a provider out. Cancelling the subscription drops what is under way.
     *
     * @param deadline of the request that wants to know
     * @return on the caller's context, whatever the provider does; fails with {@link Problem} 429 if there are too many at a time
     */
    public Uni<ProbeResult> test(ProbeTarget target, Deadline deadline) {
        return Uni.createFrom().emitter(emitter -> {
            ProbeRequest request;
            try {
                request = ProbeRequest.of(target);
            } catch (IllegalArgumentException e) {
                emitter.complete(ProbeResult.refused(String.valueOf(e.getMessage())));
                return;
            }
            if (!free.tryAcquire()) {
                emitter.fail(Problem.tooManyProviderTests(limits.attemptTimeout()));
                return;
            }
            run(request, new ProviderText(target.apiKey()), deadline, emitter);
        });
    }

    private void run(
            ProbeRequest request, ProviderText text, Deadline deadline, UniEmitter<? super ProbeResult> emitter) {
        Context caller = vertx.getOrCreateContext();
        long now = System.nanoTime();
        long left = Math.min(limits.timeout().toNanos(), deadline.remainingNanos(now));
        ProbeRun run = new ProbeRun(this, caller, request, text, now + left, emitter);
        emitter.onTermination(() -> {
            free.release();
            caller.runOnContext(v -> run.cancel());
        });
        caller.runOnContext(v -> run.start());
    }

    void stop(@Observes ShutdownEvent event) {
        client.close();
    }
}
