package dev.holdfast.llmconfig.probe;

import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One test on its way: the host's addresses, up to three attempts at them, and the waits between. Everything here happens on
 * the caller's context.
 */
final class ProbeRun {

    private static final int MOST_ATTEMPTS = 3;

    private final ProviderProbe probe;
    private final Context caller;
    private final ProbeRequest request;
    private final ProviderText text;
    private final long end;
    private final UniEmitter<? super ProbeResult> answer;
    private List<InetAddress> addresses = List.of();
    private int attempts;
    private Runnable drop = () -> {};
    private boolean over;

    /** @param end when it must be over, on the clock of {@link System#nanoTime()} */
    ProbeRun(
            ProviderProbe probe,
            Context caller,
            ProbeRequest request,
            ProviderText text,
            long end,
            UniEmitter<? super ProbeResult> answer) {
        this.probe = probe;
        this.caller = caller;
        this.request = request;
        this.text = text;
        this.end = end;
        this.answer = answer;
    }

    void start() {
        Duration limit = attemptLimit();
        after(limit, () -> refuse("The host could not be resolved within " + limit.toMillis() + " ms."));
        probe.resolver
                .apply(request.host())
                .onComplete(found -> caller.runOnContext(v -> {
                    if (over) {
                        return;
                    }
                    drop.run();
                    if (found.succeeded() && !found.result().isEmpty()) {
                        resolved(found.result());
                    } else {
                        refuse("The host could not be resolved.");
                    }
                }));
    }

    /** Whatever is under way is dropped; nobody is told. */
    void cancel() {
        over = true;
        drop.run();
    }

    private void resolved(List<InetAddress> found) {
        Optional<String> objection = probe.limits.objection(found);
        if (objection.isPresent()) {
            refuse(objection.get());
        } else {
            addresses = found;
            attempt();
        }
    }

    private void attempt() {
        // One address may be out of reach while others are not.
        InetAddress address = addresses.get(attempts % addresses.size());
        attempts++;
        Attempt attempt = new Attempt(probe.vertx, text, probe.limits.maxResponse(), attemptLimit(), this::attempted);
        drop = attempt::cancel;
        attempt.start(probe.client, options(address));
    }

    private RequestOptions options(InetAddress address) {
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(request.port(), address.getHostAddress()))
                .setHost(request.host())
                .setPort(request.port())
                .setSsl(request.ssl())
                .setURI(request.target())
                .setFollowRedirects(false)
                .putHeader("Accept", "application/json")
                .putHeader("User-Agent", "holdfast");
        request.headers().forEach(options::putHeader);
        return options;
    }

    private void attempted(Attempt.Outcome outcome) {
        if (outcome.again() && attempts < MOST_ATTEMPTS) {
            Duration wait = Duration.ofNanos(probe.backoff.delay(attempts));
            if (outcome.retryAfter() != null && outcome.retryAfter().compareTo(wait) > 0) {
                wait = outcome.retryAfter();
            }
            if (wait.compareTo(left()) < 0) {
                after(wait, this::attempt);
                return;
            }
        }
        finish(new ProbeResult(
                outcome.error() == null,
                outcome.status(),
                TimeUnit.NANOSECONDS.toMillis(outcome.nanos()),
                outcome.error(),
                attempts));
    }

    private void refuse(String error) {
        finish(ProbeResult.refused(error));
    }

    private void finish(ProbeResult result) {
        over = true;
        answer.complete(result);
    }

    private void after(Duration wait, Runnable next) {
        long timer = probe.vertx.setTimer(Math.max(1, wait.toMillis()), fired -> next.run());
        drop = () -> probe.vertx.cancelTimer(timer);
    }

    private Duration attemptLimit() {
        Duration left = left();
        Duration limit = probe.limits.attemptTimeout().compareTo(left) < 0 ? probe.limits.attemptTimeout() : left;
        return limit.toMillis() < 1 ? Duration.ofMillis(1) : limit;
    }

    private Duration left() {
        return Duration.ofNanos(end - System.nanoTime());
    }
}
