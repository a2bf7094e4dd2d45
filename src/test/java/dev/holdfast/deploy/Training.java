package dev.holdfast.deploy;

import dev.holdfast.cli.Migrator;
import dev.holdfast.db.ConnectionUri;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the image's AOT cache: the service, as it is laid out in a directory, serves for a while on a PostgreSQL with TLS,
 * and the JVM keeps what it has loaded and linked.
 */
final class Training {

    private static final int ROUNDS = 100;
    private static final Pattern ID = Pattern.compile("\"(conv_[0-9a-f]+)\"");

    private Training() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Path cache = home.resolve("holdfast.aot");
        String url = database();
        Migrator.migrate(ConnectionUri.parse(url));
        List<String> command = List.of(
                home.resolve("java/bin/java").toString(),
                "-XX:AOTCacheOutput=" + cache,
                // Without what it found to be hot: compiling that at once delays the start by a tenth of a second, and
                // the
                // old profiles make slower code (8 % fewer requests a second from the sixth second on).
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTRecordTraining",
                "@" + home.resolve("java.options"),
                "@" + home.resolve("class-path.options"),
                "dev.holdfast.cli.Main");
        try (RunningService service =
                new RunningService(command, Map.of("DATABASE_URL", url, "HOLDFAST_LOG_JSON", "true"))) {
            service.untilHealthy();
            for (int i = 0; i < ROUNDS; i++) {
                use(service);
            }
            service.stop();
            if (!Files.exists(cache)) {
                throw new IllegalStateException("no cache was made:\n" + service.log());
            }
        }
        System.out.println(cache + ": " + Files.size(cache) / (1 << 20) + " MiB");
        System.exit(0);
    }

    /** As production connects: encrypted, verified, by a password. */
    static String database() {
        Certificates certificates = Certificates.shared();
        TlsServer server = TlsServer.shared();
        server.use(TlsServer.Setup.tls(certificates.good).admitting("hostssl scram-sha-256"));
        return server.url("localhost") + "?sslmode=verify-full&sslrootcert=" + certificates.authority.certificate();
    }

    private static void use(RunningService service) throws Exception {
        String answer = service.post("/v1/conversations", "{\"metadata\":{\"topic\":\"training\"}}")
                .body();
        Matcher id = ID.matcher(answer);
        if (!id.find()) {
            throw new IllegalStateException(answer);
        }
        String conversation = "/v1/conversations/" + id.group(1);
        service.post(conversation + "/items", Api.message("Hello!"));
        for (String path : List.of(
                conversation,
                conversation + "/items",
                "/v1/conversations",
                "/v1/nothing",
                "/admin/pool-status",
                "/healthz",
                "/health")) {
            service.get(path);
        }
        for (String path : List.of("/q/health/ready", "/q/health/live", "/q/health/started", "/q/metrics")) {
            service.manage(path);
        }
    }
}
