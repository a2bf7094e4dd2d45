package dev.holdfast.testkit;

import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests by the thousand to the service under test, each sent once: what an SDK would send again is the test's to see.
 */
public final class RawClient {

    private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z_]+)\"");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final IntSupplier port;
    private final String key;
    private final Duration deadline;

    /** In the project {@code default}. */
    public RawClient() {
        this(Api.KEY, Duration.ofSeconds(30));
    }

    /**
     * @param key of the API
     * @param deadline what the service is told that a request may take
     */
    public RawClient(String key, Duration deadline) {
        this(() -> RestAssured.port, key, deadline);
    }

    /** For a service that is not the one that Quarkus tests. */
    public RawClient(int port, String key, Duration deadline) {
        this(() -> port, key, deadline);
    }

    private RawClient(IntSupplier port, String key, Duration deadline) {
        this.port = port;
        this.key = key;
        this.deadline = deadline;
    }

    /** What came back. */
    public record Answer(int status, String body, boolean neverRetry, String retryAfter) {

        /** The error's code; empty where there is none. */
        public String code() {
            Matcher code = CODE.matcher(body);
            return status < 400 || !code.find() ? "" : code.group(1);
        }
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return answer(http.send(getRequest(path), HttpResponse.BodyHandlers.ofString()));
    }

    /** @param idempotencyKey null for none */
    public Answer post(String path, String body, String idempotencyKey) throws IOException, InterruptedException {
        return answer(http.send(postRequest(path, body, idempotencyKey), HttpResponse.BodyHandlers.ofString()));
    }

    public CompletableFuture<Answer> getAsync(String path) {
        return http.sendAsync(getRequest(path), HttpResponse.BodyHandlers.ofString())
                .thenApply(RawClient::answer);
    }

    public CompletableFuture<Answer> postAsync(String path, String body, String idempotencyKey) {
        return http.sendAsync(postRequest(path, body, idempotencyKey), HttpResponse.BodyHandlers.ofString())
                .thenApply(RawClient::answer);
    }

    private HttpRequest getRequest(String path) {
        return request(path, null).GET().build();
    }

    private HttpRequest postRequest(String path, String body, String idempotencyKey) {
        return request(path, idempotencyKey)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path, String idempotencyKey) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port.getAsInt() + path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .header("X-Request-Timeout-Ms", Long.toString(deadline.toMillis()));
        return idempotencyKey == null ? request : request.header("Idempotency-Key", idempotencyKey);
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers()
                        .firstValue("x-should-retry")
                        .filter("false"::equals)
                        .isPresent(),
                response.headers().firstValue("Retry-After").orElse(null));
    }
}
