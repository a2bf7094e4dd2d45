package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Prometheus' own parser and linter of metrics, from the {@code PATH}. */
final class Promtool {

    private Promtool() {}

    /** Ends the test as skipped where there is no promtool; in CI, where there has to be one, as failed. */
    static Path require() {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(found).as("promtool on the PATH, as .ci/run provides it").isPresent();
        }
        assumeTrue(found.isPresent(), "promtool is not on the PATH");
        return found.get();
    }

    /** What {@code promtool check metrics} has to say; nothing where it is content. */
    static String check(Path promtool, String metrics) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(promtool.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(metrics.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        return code == 0 ? said : said + "exit code " + code;
    }
}
