package dev.holdfast.testkit;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of the packaged service, on ports that the system chose; for integration tests, which run after packaging. */
public final class ServiceProcess implements AutoCloseable {

    private static final Path JAR =
            Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath();
    private static final Pattern LISTENING = Pattern.compile("Listening on: http://[^:]+:([0-9]+)");
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final StringBuffer output = new StringBuffer();

    private ServiceProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "service-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts one with the keys of {@link Api}, whatever else this JVM's environment says of Holdfast. */
    public static ServiceProcess start(Path directory, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                JAR.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("HOLDFAST_") || name.startsWith("DB_"));
        builder.environment().put("QUARKUS_HTTP_PORT", "0");
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", "0");
        builder.environment().put("HOLDFAST_ADMIN_KEY", Api.ADMIN_KEY);
        builder.environment().put("HOLDFAST_API_KEY", Api.KEY);
        builder.environment().putAll(environment);
        return new ServiceProcess(builder.start());
    }

    /** Waits until it takes requests. */
    public void awaitStarted() {
        await().atMost(START_LIMIT).until(() -> LISTENING.matcher(output).find() || !process.isAlive());
        if (!process.isAlive()) {
            throw new AssertionError("it ended: " + output);
        }
    }

    /** What it has written so far. */
    public String output() {
        return output.toString();
    }

    public RequestSpecification admin() {
        return with(Api.ADMIN_KEY);
    }

    public RequestSpecification api() {
        return with(Api.KEY);
    }

    private RequestSpecification with(String key) {
        return given().baseUri("http://localhost")
                .port(port())
                .header("Authorization", "Bearer " + key)
                .contentType(ContentType.JSON);
    }

    private int port() {
        Matcher listening = LISTENING.matcher(output);
        if (!listening.find()) {
            throw new AssertionError("it does not listen yet: " + output);
        }
        return Integer.parseInt(listening.group(1));
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
