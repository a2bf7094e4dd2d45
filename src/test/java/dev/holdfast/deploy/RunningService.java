package dev.holdfast.deploy;

import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged service in a process of its own, on ports that were free. */
final class RunningService implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = freePort();
    private final int managementPort = freePort();
    private final long startedAt;
    private final Process process;
    private final Path log;

    /** @param command ends in what starts the service; it is given the variables beside {@code environment} that it needs */
    RunningService(List<String> command, Map<String, String> environment) {
        try {
            log = Files.createTempFile("holdfast-service", ".log");
            log.toFile().deleteOnExit();
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
            builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
            builder.environment().put("QUARKUS_SHUTDOWN_DELAY", "0");
            builder.environment().put("HOLDFAST_API_KEY", Api.KEY);
            builder.environment().put("HOLDFAST_ADMIN_KEY", Api.ADMIN_KEY);
            startedAt = System.nanoTime();
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the service answers that PostgreSQL answers; how long that took from the process' start. */
    Duration untilHealthy() {
        await("the first 200 of " + log)
                .pollDelay(Duration.ZERO)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .atMost(START)
                .failFast("the service goes on", () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(log());
                    }
                })
                .until(() -> listens() && get("/healthz") == 200);
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /** Cheaper than a request, so that waiting does not slow down what is waited for. */
    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    int get(String path) throws IOException, InterruptedException {
        return send(port, path, HttpRequest.newBuilder().GET()).statusCode();
    }

    int manage(String path) throws IOException, InterruptedException {
        return send(managementPort, path, HttpRequest.newBuilder().GET()).statusCode();
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(
                port,
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(int at, String path, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(
                request.uri(URI.create("http://localhost:" + at + path))
                        .header("Authorization", "Bearer " + Api.ADMIN_KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    String log() {
        return DeployFiles.text(log);
    }

    /** Tells it to end, as Kubernetes does, and waits for it; its exit code. */
    int stop() {
        process.destroy();
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("it does not end: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        // The next one may need what this one has mounted.
        process.destroyForcibly().onExit().join();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
