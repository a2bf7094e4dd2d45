package dev.holdfast.llmconfig.probe;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request to a provider and its answer, as far as that is read; all on one event loop. */
final class Attempt {

    /**
     * How it ended.
     *
     * @param status null where there was no answer
     * @param error what may be shown; null where all is well
     * @param again whether another attempt may end otherwise
     * @param retryAfter how long the provider wants to be left alone, or null
     */
    record Outcome(
            @Nullable Integer status,
            @Nullable String error,
            boolean again,
            @Nullable Duration retryAfter,
            long nanos) {}

    private final Vertx vertx;
    private final ProviderText text;
    private final int maxResponse;
    private final Duration limit;
    private final Consumer<Outcome> ended;
    private final long startedAt = System.nanoTime();
    private final Buffer body = Buffer.buffer();
    private @Nullable HttpClientRequest request;
    private @Nullable Integer status;
    private long timer;
    private boolean over;

    /**
     * @param maxResponse how many bytes of the answer are read
     * @param ended told once, unless it is cancelled
     */
    Attempt(Vertx vertx, ProviderText text, int maxResponse, Duration limit, Consumer<Outcome> ended) {
        this.vertx = vertx;
        this.text = text;
        this.maxResponse = maxResponse;
        this.limit = limit;
        this.ended = ended;
    }

    void start(HttpClient client, RequestOptions options) {
        timer = vertx.setTimer(
                limit.toMillis(), fired -> end("No complete answer within " + limit.toMillis() + " ms.", true, null));
        client.request(options).compose(this::send).onSuccess(this::receive).onFailure(this::fail);
    }

    /** Whatever is under way is dropped together with its connection; nobody is told. */
    void cancel() {
        over = true;
        vertx.cancelTimer(timer);
        if (request != null) {
            request.reset();
        }
    }

    private Future<HttpClientResponse> send(HttpClientRequest opened) {
        request = opened;
        if (over) {
            opened.reset();
        }
        return opened.send();
    }

    private void receive(HttpClientResponse response) {
        status = response.statusCode();
        response.handler(chunk -> {
            int room = maxResponse - body.length();
            body.appendBuffer(chunk, 0, Math.min(room, chunk.length()));
            if (chunk.length() > room) {
                judge(response, true);
            }
        });
        response.exceptionHandler(this::fail);
        response.endHandler(v -> judge(response, false));
    }

    private void judge(HttpClientResponse response, boolean cut) {
        int code = response.statusCode();
        if (code >= 200 && code < 300) {
            boolean list = ProviderAnswer.listsModels(body.getBytes(), cut);
            end(list ? null : http(code) + ", but no list of models: is base_url right?", false, null);
        } else if (code >= 300 && code < 400) {
            end(http(code) + ": a redirect, which is not followed.", false, null);
        } else {
            String said = text.shown(ProviderAnswer.message(body.getBytes()));
            end(
                    said == null ? http(code) : http(code) + ": " + said,
                    code == 429 || code >= 500,
                    retryAfter(response.getHeader("Retry-After")));
        }
    }

    private static String http(int code) {
        return "HTTP " + code;
    }

    /** A date, which it may be too, says little where clocks differ. */
    private static @Nullable Duration retryAfter(@Nullable String header) {
        return header != null && header.matches("[0-9]{1,6}") ? Duration.ofSeconds(Integer.parseInt(header)) : null;
    }

    private void fail(Throwable failure) {
        ConnectionTrouble trouble = ConnectionTrouble.of(failure);
        String detail = text.shown(trouble.detail());
        end(detail == null ? trouble.what() : trouble.what() + " (" + detail + ")", trouble.again(), null);
    }

    private void end(@Nullable String error, boolean again, @Nullable Duration retryAfter) {
        if (!over) {
            long nanos = System.nanoTime() - startedAt;
            cancel();
            ended.accept(new Outcome(status, error, again, retryAfter, nanos));
        }
    }
}
