package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.testkit.Tool;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Compose file: it refers to what there is, and adds up. Compose itself is not asked: it would want an engine. */
class ComposeTest {

    private static final Path DIRECTORY = DeployFiles.DEPLOY.resolve("compose");

    /** Of the Compose specification, those keys that are used; a slip of the pen is none of them. */
    private static final Set<String> KEYS = Set.of(
            "image",
            "build",
            "user",
            "entrypoint",
            "command",
            "network_mode",
            "environment",
            "volumes",
            "shm_size",
            "restart",
            "depends_on",
            "healthcheck",
            "read_only",
            "tmpfs",
            "cap_drop",
            "security_opt",
            "ports",
            "expose",
            "mem_limit",
            "stop_grace_period");

    private final JsonNode compose = DeployFiles.yaml(DIRECTORY.resolve("compose.yaml"));
    private final Map<String, JsonNode> services =
            DeployFiles.JSON.convertValue(compose.path("services"), new TypeReference<>() {});

    @Test
    void everyKeyIsOneOfCompose() {
        assertThat(compose.fieldNames()).toIterable().containsExactlyInAnyOrder("name", "services", "volumes");
        services.forEach((name, service) ->
                assertThat(service.fieldNames()).toIterable().as(name).isSubsetOf(KEYS));
    }

    @Test
    void everyVolumeIsDeclaredAndEveryMountedFileIsThere() {
        services.forEach((name, service) -> service.path("volumes").forEach(volume -> {
            String source = volume.asText().split(":")[0];
            if (source.startsWith(".")) {
                assertThat(DIRECTORY.resolve(source)).as(name).exists();
            } else {
                assertThat(compose.path("volumes").has(source)).as(source).isTrue();
            }
        }));
        assertThat(compose.at("/services/keyset/build/context").asText()).isEqualTo("../..");
        assertThat(Path.of(compose.at("/services/keyset/build/dockerfile").asText()))
                .exists();
    }

    @Test
    void whoWaitsForAnotherWaitsForWhatTheOtherTells() {
        services.forEach((name, service) -> service.path("depends_on").fields().forEachRemaining(on -> {
            JsonNode other = services.get(on.getKey());
            assertThat(other).as(on.getKey()).isNotNull();
            switch (on.getValue().path("condition").asText()) {
                case "service_healthy" ->
                    assertThat(other.has("healthcheck")).as(on.getKey()).isTrue();
                case "service_completed_successfully" ->
                    assertThat(other.has("restart")).as(on.getKey()).isFalse();
                default -> throw new AssertionError(name + " waits for " + on);
            }
        }));
    }

    @Test
    void everyVariableOfHoldfastIsOneOfOurs() {
        for (String name : List.of("migrate", "holdfast")) {
            assertThat(services.get(name).path("environment").fieldNames())
                    .toIterable()
                    .isNotEmpty()
                    .isSubsetOf(Settings.known());
        }
    }

    @Test
    void itIsConfinedAndTheManagementPortIsNotPublished() {
        JsonNode holdfast = services.get("holdfast");

        assertThat(holdfast.path("read_only").asBoolean()).isTrue();
        assertThat(holdfast.at("/cap_drop/0").asText()).isEqualTo("ALL");
        assertThat(holdfast.path("ports").toString()).doesNotContain("9000");
        assertThat(services.get("prometheus").at("/ports/0").asText()).startsWith("127.0.0.1:");
        assertThat(services.get("grafana").at("/ports/0").asText()).startsWith("127.0.0.1:");
        assertThat(services.get("postgres").has("ports")).isFalse();
    }

    @Test
    void theConnectionsAddUpAndThereIsTimeToDrain() {
        int pool =
                services.get("holdfast").at("/environment/DB_CONNECTION_LIMIT").asInt();
        assertThat(services.get("postgres").path("command").toString()).contains("\"max_connections=100\"");
        assertThat(pool + 1 + Settings.ofProduction().getValue("holdfast.db.reserved-connections", Integer.class))
                .isLessThanOrEqualTo(100);

        String grace = services.get("holdfast").path("stop_grace_period").asText();
        assertThat(Duration.parse("PT" + grace))
                .isGreaterThan(Settings.ofProduction()
                        .getValue("quarkus.shutdown.delay", Duration.class)
                        .plus(Settings.ofProduction().getValue("quarkus.shutdown.timeout", Duration.class)));
    }

    @Test
    void prometheusScrapesThePageOfAllMetricsAndLoadsTheAlerts() {
        JsonNode prometheus = DeployFiles.yaml(DIRECTORY.resolve("prometheus.yml"));

        assertThat(prometheus.at("/scrape_configs/0/metrics_path").asText()).isEqualTo("/q/metrics");
        assertThat(prometheus.at("/scrape_configs/0/static_configs/0/targets/0").asText())
                .isEqualTo(
                        "holdfast:" + services.get("holdfast").at("/expose/0").asText());
        assertThat(mounts("prometheus"))
                .anyMatch(mount -> mount.contains(
                        ":/etc/prometheus/" + prometheus.at("/rule_files/0").asText()));
    }

    @Test
    void prometheusTakesItsConfiguration() {
        assertThat(Tool.require("promtool")
                        .run(
                                "check",
                                "config",
                                "--syntax-only",
                                DIRECTORY.resolve("prometheus.yml").toString())
                        .code())
                .isZero();
    }

    @Test
    void grafanaFindsPrometheusAndTheDashboard() {
        JsonNode source = DeployFiles.yaml(DIRECTORY.resolve("grafana/datasources/prometheus.yml"));
        JsonNode provider = DeployFiles.yaml(DIRECTORY.resolve("grafana/dashboards/holdfast.yml"));

        assertThat(source.at("/datasources/0/url").asText()).isEqualTo("http://prometheus:9090");
        assertThat(mounts("grafana"))
                .anyMatch(mount -> mount.contains(
                        ":" + provider.at("/providers/0/options/path").asText() + "/"));
    }

    @Test
    void theSecretsAreMadeOnceAndTheCertificateIsThatOfTheServersHost(@TempDir Path directory) throws Exception {
        Tool.require("openssl");
        Path server = Files.createDirectory(directory.resolve("server"));
        Path client = Files.createDirectory(directory.resolve("client"));

        makeSecrets(server, client);
        X509Certificate certificate = certificates(server.resolve("server.crt")).get(0);
        String password = Files.readString(client.resolve("password"));
        makeSecrets(server, client);

        certificate.verify(certificates(client.resolve("ca.crt")).get(0).getPublicKey());
        assertThat(certificate.getSubjectAlternativeNames())
                .singleElement()
                .satisfies(name -> assertThat(name.get(1)).isEqualTo("postgres"));
        assertThat(certificate.getNotAfter().toInstant()).isAfter(Instant.now().plus(Duration.ofDays(360)));
        assertThat(password).hasSizeGreaterThan(40).isEqualTo(Files.readString(server.resolve("password")));
        assertThat(certificates(server.resolve("server.crt")).get(0))
                .as("after the second run")
                .isEqualTo(certificate);
        assertThat(Files.readString(client.resolve("password"))).isEqualTo(password);
        assertThat(client.resolve("server.key")).doesNotExist();
    }

    @Test
    void aPasswordThatIsLostOnOneSideIsTheOneOfTheOther(@TempDir Path directory) throws Exception {
        Tool.require("openssl");
        Path server = Files.createDirectory(directory.resolve("server"));
        Path client = Files.createDirectory(directory.resolve("client"));
        makeSecrets(server, client);
        String password = Files.readString(server.resolve("password"));

        Files.writeString(client.resolve("password"), "");
        makeSecrets(server, client);
        assertThat(client.resolve("password")).hasContent(password);
        Files.delete(server.resolve("password"));
        makeSecrets(server, client);

        assertThat(server.resolve("password")).hasContent(password);
        assertThat(client.resolve("password")).hasContent(password);
    }

    @Test
    void aCertificateThatWasNotPutInPlaceIsMadeAtTheNextStart(@TempDir Path directory) throws Exception {
        Tool.require("openssl");
        Path server = Files.createDirectory(directory.resolve("server"));
        Path client = Files.createDirectory(directory.resolve("client"));
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is no disk that is full");
        Path next = Files.createSymbolicLink(client.resolve("ca.crt.new"), full);

        assertThat(secrets(server, client).code()).isNotZero();
        assertThat(server.resolve("server.crt")).as("the last").doesNotExist();
        Files.delete(next);
        makeSecrets(server, client);

        assertCertificateFits(server, client);
    }

    @Test
    void anOldCertificateIsGoneBeforeAKeyThatItDoesNotFitIsPutInPlace(@TempDir Path directory) throws Exception {
        Tool.require("openssl");
        Path server = Files.createDirectory(directory.resolve("server"));
        Path client = Files.createDirectory(directory.resolve("client"));
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is no disk that is full");
        makeSecrets(server, client);
        Files.delete(client.resolve("ca.crt"));
        Path next = Files.createSymbolicLink(server.resolve("server.crt.new"), full);

        assertThat(secrets(server, client).code()).isNotZero();
        assertThat(server.resolve("server.crt")).doesNotExist();
        Files.delete(next);
        makeSecrets(server, client);

        assertCertificateFits(server, client);
    }

    @Test
    void aServersKeyThatWasRemovedIsMadeAnew(@TempDir Path directory) throws Exception {
        Tool.require("openssl");
        Path server = Files.createDirectory(directory.resolve("server"));
        Path client = Files.createDirectory(directory.resolve("client"));
        makeSecrets(server, client);

        Files.delete(server.resolve("server.key"));
        makeSecrets(server, client);

        assertCertificateFits(server, client);
    }

    private static void assertCertificateFits(Path server, Path client) throws Exception {
        Path certificate = server.resolve("server.crt");
        certificates(certificate)
                .get(0)
                .verify(certificates(client.resolve("ca.crt")).get(0).getPublicKey());
        Tool openssl = Tool.require("openssl");
        assertThat(openssl.run("x509", "-in", certificate.toString(), "-noout", "-pubkey"))
                .as("the key that the certificate is for")
                .isEqualTo(
                        openssl.run("pkey", "-in", server.resolve("server.key").toString(), "-pubout"));
    }

    @Test
    void aKeysetThatIsThereIsNeverMadeAnew() {
        String entrypoint = services.get("keyset").at("/entrypoint/2").asText();

        assertThat(entrypoint)
                .contains("keyset --create /etc/holdfast/keyset.json")
                .doesNotContain(">", "mv ");
    }

    private List<String> mounts(String service) {
        List<String> mounts = new ArrayList<>();
        services.get(service).path("volumes").forEach(volume -> mounts.add(volume.asText()));
        return mounts;
    }

    private static void makeSecrets(Path server, Path client) {
        Tool.Ended ended = secrets(server, client);
        assertThat(ended.code()).as(ended.output()).isZero();
    }

    private static Tool.Ended secrets(Path server, Path client) {
        String me = Tool.require("id").run("-u").output().strip();
        return Tool.require("sh")
                .run(DIRECTORY.resolve("secrets.sh").toString(), server.toString(), me, client.toString(), me);
    }

    private static List<X509Certificate> certificates(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }
}
