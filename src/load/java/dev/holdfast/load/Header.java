package dev.holdfast.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one has to know of a run to compare it with another. */
final class Header {

    private static final String UNKNOWN = "unknown";
    private static final long MIB = 1 << 20;

    private Header() {}

    static Map<String, String> of(Options options, Subject subject, Access access) {
        JsonNode pool = access.admin().get("/admin/pool-status");
        Map<String, String> header = new LinkedHashMap<>();
        header.put("scenario", description(options));
        header.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        header.put("commit", commit());
        header.put("machine", machine());
        header.putAll(subject.facts());
        header.put(
                "pool",
                pool.path("max_size").asInt() + " connections, "
                        + pool.path("max_waiting").asInt() + " may wait, TLS "
                        + pool.path("tls").path("mode").asText());
        return header;
    }

    /** The scenario and its size. */
    static String description(Options options) {
        return options.scenario().text() + ", " + options.users() + " users, "
                + options.duration().toSeconds() + " s after "
                + options.warmUp().toSeconds() + " s of warm-up";
    }

    private static String commit() {
        String commit = git("describe", "--always", "--dirty", "--abbrev=12");
        return commit.isEmpty() ? UNKNOWN : commit;
    }

    /** What git says; nothing outside of a checkout, or without git. */
    private static String git(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process git = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String machine() {
        long memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize() / MIB
                        : 0;
        return processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors, " + memory + " MiB, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + System.getProperty("java.vm.name") + " " + Runtime.version();
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
