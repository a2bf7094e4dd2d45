package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer.Setup;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys are read from their files for every attempt, since they get rotated under a running service. */
class TlsFilesTest {

    private final Certificates certificates = Certificates.shared();
    private final TlsRig rig = new TlsRig();

    @TempDir
    private Path directory;

    private Path root;
    private Path certificate;
    private Path key;

    @BeforeEach
    void nameFiles() {
        root = directory.resolve("root.pem");
        certificate = directory.resolve("client.pem");
        key = directory.resolve("client.key");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aRotatedRootIsTrustedAtTheNextAttempt() throws IOException {
        rig.server.use(Setup.tls(certificates.otherGood));
        put(certificates.authority.certificate(), root);
        rig.mode("verify-full", root);
        assertThat(failureOf(rig.encrypted())).hasMessageContaining("no trusted root has signed");

        put(certificates.otherAuthority.certificate(), root);

        soon().until(() -> rig.figures().idle() == 1);
        assertThat(rig.outcome()).isEqualTo("encrypted");
    }

    @Test
    void connectionsMadeBeforeARotationLiveOn() throws IOException {
        rig.server.use(Setup.tls(certificates.good));
        put(certificates.authority.certificate(), root);
        rig.mode("verify-full", root);
        CompletableFuture<?> before = rig.db()
                .query(
                        ticket(DatabaseRig.LONG),
                        Statement.read("test.read", "SELECT pg_sleep(1)"),
                        Tuple.tuple(),
                        rows -> rows)
                .subscribeAsCompletionStage();
        soon().until(() -> rig.figures().inUse() == 1);

        rig.server.use(Setup.tls(certificates.otherGood));
        put(certificates.otherAuthority.certificate(), root);

        assertThat(get(rig.encrypted())).isTrue();
        before.join();
        PoolFigures figures = rig.figures();
        assertThat(figures.encrypted()).isEqualTo(2);
        assertThat(figures.closed()).isZero();
        assertThat(figures.connectFailures()).isZero();
    }

    @Test
    void aRotatedClientCertificateIsPresentedOnceItsKeyIsThereToo() throws IOException {
        rig.server.use(Setup.tls(certificates.good)
                .asking(certificates.otherAuthority.certificate())
                .admitting("hostssl cert"));
        put(certificates.client.certificate(), certificate);
        put(certificates.client.key(), key);
        asClient("verify-full", certificates.authority.certificate());
        // The Java platform does not present a certificate that the server has not asked for.
        assertThat(failureOf(rig.encrypted())).hasMessageContaining("wants another encryption or certificate");

        put(certificates.otherClient.certificate(), certificate);
        soon().untilAsserted(() ->
                assertThat(failureOf(rig.encrypted())).hasMessageContaining("Received fatal alert: decrypt_error)"));
        put(certificates.otherClient.key(), key);

        soon().until(() -> rig.figures().idle() == 1);
        assertThat(rig.outcome()).isEqualTo("encrypted");
    }

    @Test
    void aClientCertificateThatTheServerRefusesIsToldAsSuch() {
        rig.server.use(Setup.tls(certificates.good)
                .asking(certificates.authority.certificate())
                .admitting("hostssl trust clientcert=verify-ca"));
        rig.mode("verify-full", certificates.authority.certificate());
        rig.config.url = Optional.of(rig.server.url("localhost") + "?sslcert=" + certificates.expired.certificate()
                + "&sslkey=" + certificates.expired.key());

        assertThat(failureOf(rig.encrypted())).hasMessageContaining("Received fatal alert: certificate_expired)");
    }

    @Test
    void aServerThatWantsACertificateAndGetsNoneSaysThatItIsPgHba() {
        rig.server.use(Setup.tls(certificates.good)
                .asking(certificates.authority.certificate())
                .admitting("hostssl trust clientcert=verify-ca"));
        rig.mode("verify-full", certificates.authority.certificate());

        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL rejects our credentials (SQLSTATE 28000: no such role, or pg_hba.conf wants"
                        + " another encryption or certificate of it).");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefer", "require", "verify-ca", "verify-full"})
    void withARootThatCannotBeReadNothingIsConnected(String sslMode) throws IOException {
        rig.server.use(Setup.tls(certificates.good));
        rig.mode(sslMode, root);
        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: cannot read " + root + ").");

        Files.writeString(root, "-----BEGIN CERTIFICATE-----\nnonsense\n");
        soon().untilAsserted(() -> assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: no certificate can be read from " + root + ")."));

        put(certificates.expiredSelfSigned.certificate(), root);
        soon().untilAsserted(() -> assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: no certificate in " + root + " is valid today)."));

        // A bundle with an expired root in it, and with the words that some tools write between certificates.
        Files.writeString(
                root,
                Files.readString(certificates.expiredSelfSigned.certificate())
                        + "# CN=Authority\n"
                        + Files.readString(certificates.authority.certificate()));
        soon().until(() -> rig.figures().idle() == 1);
        assertThat(rig.outcome()).isEqualTo("encrypted");
        assertThat(rig.figures().opened()).isEqualTo(1);
    }

    @Test
    void aClientsKeyThatCannotBeReadIsToldByItsFilesName() throws IOException {
        rig.server.use(Setup.tls(certificates.good));
        put(certificates.client.certificate(), certificate);
        asClient("prefer", certificates.authority.certificate());
        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: cannot read " + key + ").");

        Files.writeString(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        soon().untilAsserted(() -> assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: no certificate can be read from " + certificate
                        + ", or no unencrypted key from " + key + ")."));

        put(certificates.client.key(), key);
        soon().until(() -> rig.figures().idle() == 1);
        assertThat(rig.outcome()).isEqualTo("encrypted");
    }

    private void asClient(String sslMode, Path trusted) {
        rig.mode(sslMode, trusted);
        rig.config.connectTimeout = Duration.ofSeconds(5);
        rig.config.url = Optional.of(rig.server.url("localhost") + "?sslcert=" + certificate + "&sslkey=" + key);
    }

    private static void put(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
