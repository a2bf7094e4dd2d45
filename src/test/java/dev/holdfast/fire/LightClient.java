package dev.holdfast.fire;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.RawClient.Answer;
import io.restassured.RestAssured;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Requests by the thousand from one thread of its own. Where load and service share the processors, what is measured is to be
 * the service: the JDK's client takes several times the processor time for the same requests.
 */
final class LightClient implements AutoCloseable {

    private static final int MOST_CONNECTIONS = 1_000;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context context = vertx.getOrCreateContext();
    private final HttpClient http = vertx.createHttpClient(
            new HttpClientOptions().setMaxPoolSize(MOST_CONNECTIONS).setMaxWaitQueueSize(-1));

    private final String key;
    private final Duration deadline;

    /** In the project {@code default}. */
    LightClient() {
        this(Api.KEY, Duration.ofSeconds(30));
    }

    /**
     * @param key of the API
     * @param deadline what the service is told that a request may take
     */
    LightClient(String key, Duration deadline) {
        this.key = key;
        this.deadline = deadline;
    }

    CompletableFuture<Answer> get(String path) {
        return send(HttpMethod.GET, path, Buffer.buffer());
    }

    CompletableFuture<Answer> post(String path, String body) {
        return send(HttpMethod.POST, path, Buffer.buffer(body));
    }

    private CompletableFuture<Answer> send(HttpMethod method, String path, Buffer body) {
        CompletableFuture<Answer> answered = new CompletableFuture<>();
        // On its thread, so that nobody listens for an answer that has already gone by.
        context.runOnContext(v -> http.request(method, RestAssured.port, "localhost", path)
                .compose(request -> head(request).send(body))
                .compose(response -> response.body().map(text -> answer(response, text)))
                .onSuccess(answered::complete)
                .onFailure(answered::completeExceptionally));
        return answered;
    }

    private HttpClientRequest head(HttpClientRequest request) {
        return request.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + key)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader("X-Request-Timeout-Ms", Long.toString(deadline.toMillis()));
    }

    private static Answer answer(HttpClientResponse response, Buffer body) {
        return new Answer(
                response.statusCode(),
                body.toString(),
                "false".equals(response.getHeader("x-should-retry")),
                response.getHeader("Retry-After"));
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
