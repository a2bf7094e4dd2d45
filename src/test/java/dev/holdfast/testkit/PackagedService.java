package dev.holdfast.testkit;

import static org.awaitility.Awaitility.await;

import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The artefact that is deployed, running as a process of its own. */
public final class PackagedService implements AutoCloseable {

    public static final Path ARTEFACT = Path.of("target", "quarkus-app").toAbsolutePath();

    private static final Pattern LISTENING = Pattern.compile(
            "Listening on: http://[^:]+:(\\d+)\\. Management interface listening on http://[^:]+:(\\d+)");

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;

    /**
     * Starts it, whatever this JVM's environment says of Holdfast.
     *
     * @param directory where to run it, and to keep what it prints: a deployment has no source tree to lean on
     */
    public PackagedService(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        this(directory, List.of("-Xmx256m"), environment, arguments);
    }

    /** As the other constructor, with these options for its JVM. */
    public PackagedService(Path directory, List<String> options, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            // Netty and Protobuf still use what this JDK warns of, and what is printed is compared.
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(options);
        command.addAll(List.of("-jar", ARTEFACT.resolve("quarkus-run.jar").toString()));
        command.addAll(List.of(arguments));
        output = Files.createTempFile(directory, "output", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .keySet()
                .removeIf(
                        name -> name.equals("DATABASE_URL") || name.startsWith("HOLDFAST_") || name.startsWith("DB_"));
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /** One that serves on ports that the system chooses, with the keys of {@link Api}. */
    public static PackagedService serving(Path directory, Map<String, String> environment) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("HOLDFAST_API_KEY", Api.KEY);
        all.put("HOLDFAST_ADMIN_KEY", Api.ADMIN_KEY);
        all.put("QUARKUS_HTTP_PORT", "0");
        all.put("QUARKUS_MANAGEMENT_PORT", "0");
        return new PackagedService(directory, all);
    }

    /** What it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port of its API, once it serves. */
    public int port() {
        return listening(1);
    }

    /** The port of its management interface, once it serves. */
    public int managementPort() {
        return listening(2);
    }

    private int listening(int group) {
        await().atMost(START_LIMIT).until(() -> listening().find() || !process.isAlive());
        Matcher line = listening();
        if (!line.find()) {
            throw new AssertionError("it ended: " + output());
        }
        return Integer.parseInt(line.group(group));
    }

    private Matcher listening() {
        return LISTENING.matcher(output());
    }

    public RequestSpecification admin() {
        return to(Api.admin());
    }

    public RequestSpecification api() {
        return to(Api.api());
    }

    private RequestSpecification to(RequestSpecification request) {
        return request.baseUri("http://localhost").port(port());
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for its end; its exit code, 128 and the signal's number where one ended it. */
    public int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
