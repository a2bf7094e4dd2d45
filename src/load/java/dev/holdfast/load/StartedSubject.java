package dev.holdfast.load;

import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.PostgresServer;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged service in a process of its own, with the embedded PostgreSQL, which syncs as it does in production. The JVM
 * has the image's options, and as much memory as a container of the given size would give it.
 */
final class StartedSubject implements Subject {

    /** As the production overlay has it. */
    private static final int MEMORY_MIB = 384;

    private static final Path CONTAINER = Path.of("deploy", "container");
    private static final Pattern JAVA_OPTS = Pattern.compile("(?m)^ENV JAVA_OPTS=\"([^\"]*)\"");

    private final PostgresServer server = PostgresServer.start(Map.of("max_connections", "100", "fsync", "on"));
    private final TestDatabase database = server.administration().beside(true);
    private final String adminKey = UUID.randomUUID().toString() + UUID.randomUUID();
    private final List<String> jvmOptions;
    private final PackagedService service;
    private final String url;
    private final String management;

    StartedSubject(Options options, Path directory) throws IOException {
        jvmOptions = jvmOptions(options.memory().orElse(MEMORY_MIB));
        Map<String, String> environment = new HashMap<>();
        environment.put("DATABASE_URL", database.url());
        environment.put("HOLDFAST_ADMIN_KEY", adminKey);
        environment.put("QUARKUS_HTTP_PORT", "0");
        environment.put("QUARKUS_MANAGEMENT_PORT", "0");
        service = new PackagedService(directory, jvmOptions, environment);
        // Ctrl-C does not get to close().
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        url = "http://localhost:" + service.port();
        management = "http://localhost:" + service.managementPort();
    }

    /** The image's percentages, of what is said to be all memory there is. */
    private static List<String> jvmOptions(int mebibytes) throws IOException {
        List<String> options = new ArrayList<>();
        options.add("-XX:MaxRAM=" + mebibytes + "m");
        for (String line : Files.readAllLines(CONTAINER.resolve("java.options"))) {
            if (line.startsWith("-XX:")) {
                options.add(line);
            }
        }
        Matcher variable = JAVA_OPTS.matcher(Files.readString(CONTAINER.resolve("Dockerfile")));
        if (!variable.find()) {
            throw new IOException("the Dockerfile sets no JAVA_OPTS");
        }
        options.addAll(List.of(variable.group(1).split(" ")));
        return options;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public String management() {
        return management;
    }

    @Override
    public String adminKey() {
        return adminKey;
    }

    @Override
    public Optional<Long> pid() {
        return Optional.of(service.pid());
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("service", "the packaged one, " + String.join(" ", jvmOptions));
        facts.put(
                "PostgreSQL",
                "embedded, " + setting("server_version") + ", fsync " + setting("fsync")
                        + ", synchronous_commit " + setting("synchronous_commit") + ", shared_buffers "
                        + setting("shared_buffers"));
        return facts;
    }

    private String setting(String name) {
        return database.value(String.class, "SELECT current_setting(?)", name);
    }

    @Override
    public void close() {
        service.close();
        database.close();
        server.close();
    }
}
