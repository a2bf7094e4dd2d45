package dev.holdfast.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Gatling, in a JVM of its own. */
final class Generator implements AutoCloseable {

    private static final String SIMULATION = "dev.holdfast.load.simulation.Load";

    private final Process process;
    private final BufferedReader output;

    private Generator(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /**
     * Starts it.
     *
     * @param description stands on the first page of Gatling's report
     */
    static Generator start(Plan plan, Subject subject, Access access, Path results, String description)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "--add-opens=java.base/java.lang=ALL-UNNAMED"));
        command.addAll(plan.toOptions());
        command.addAll(List.of("-cp", System.getProperty("load.generator"), "io.gatling.app.Gatling"));
        command.addAll(List.of("--simulation", SIMULATION, "--results-folder", results.toString()));
        command.addAll(plan.warmUp() ? List.of("--no-reports") : List.of("--run-description", description));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(Plan.API_KEY, access.apiKey());
        builder.environment().put(Plan.ADMIN_KEY, subject.adminKey());
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new Generator(process);
    }

    /**
     * Waits for the first user.
     *
     * @return when that was, on the clock of {@link System#nanoTime()}
     */
    long begun() throws IOException {
        StringBuilder before = new StringBuilder();
        String line;
        while ((line = output.readLine()) != null) {
            if (line.equals(Plan.BEGUN)) {
                return System.nanoTime();
            }
            before.append(line).append('\n');
        }
        throw new IllegalStateException("Gatling did not begin:\n" + before);
    }

    /**
     * Waits for its end.
     *
     * @param show whether to print what it says
     * @return whether all of its assertions held
     */
    boolean passed(boolean show) throws IOException, InterruptedException {
        String line;
        while ((line = output.readLine()) != null) {
            if (show) {
                System.out.println(line);
            }
        }
        int code = process.waitFor();
        // 2 says that an assertion failed.
        if (code != 0 && code != 2) {
            throw new IllegalStateException("Gatling ended with " + code);
        }
        return code == 0;
    }

    /** The directory that Gatling has made for its report. */
    static Optional<Path> report(Path results) throws IOException {
        try (Stream<Path> entries = Files.list(results)) {
            return entries.filter(entry -> Files.exists(entry.resolve("index.html")))
                    .findFirst();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
