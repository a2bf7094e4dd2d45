package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A program that the build does not bring along, such as Prometheus' promtool, from the {@code PATH}. */
public final class Tool {

    /** How a run ended, and all that it wrote. */
    public record Ended(int code, String output) {}

    private final String program;

    private Tool(String program) {
        this.program = program;
    }

    /** Ends the test as skipped where the program is missing; in CI, where there has to be one, as failed. */
    public static Tool require(String name) {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(found).as(name + " on the PATH, as .ci/run provides it").isPresent();
        }
        assumeTrue(found.isPresent(), name + " is not on the PATH");
        return new Tool(found.get().toString());
    }

    /** The one that runs the tests. */
    public static Tool java() {
        return new Tool(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    }

    public Ended run(String... arguments) {
        return runWith("", arguments);
    }

    public Ended runWith(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(String.join(" ", command), e);
        }
    }
}
