package dev.holdfast.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The artefact that is deployed, running as a process of its own. */
public final class PackagedService implements AutoCloseable {

    public static final Path ARTEFACT = Path.of("target", "quarkus-app").toAbsolutePath();

    private static final Pattern LISTENING = Pattern.compile(
            "Listening on: http://[^:]+:(\\d+)\\. Management interface listening on http://[^:]+:(\\d+)");

    private final Process process;
    private final Path output;

    /**
     * Starts it with these arguments and nothing of our environment's {@code DATABASE_URL}.
     *
     * @param directory where to run it, and to keep what it prints: a deployment has no source tree to lean on
     */
    public PackagedService(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                ARTEFACT.resolve("quarkus-run.jar").toString()));
        command.addAll(List.of(arguments));
        output = Files.createTempFile(directory, "output", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().remove("DATABASE_URL");
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /** What it has printed so far. */
    public String output() throws IOException {
        return Files.readString(output);
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
        return await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            Matcher line = LISTENING.matcher(output());
                            return line.find() ? Integer.parseInt(line.group(group)) : 0;
                        },
                        port -> port > 0);
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
