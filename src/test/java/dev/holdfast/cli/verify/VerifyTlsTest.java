package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.INFO;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer;
import dev.holdfast.testkit.TlsServer.Setup;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says of a server's certificate, and of a server without one. */
class VerifyTlsTest {

    private static final Certificates CERTIFICATES = Certificates.shared();

    private final TlsServer server = TlsServer.shared();

    @Test
    void aGoodCertificateIsToldWithVersionCipherAndEnd() {
        server.use(Setup.tls(CERTIFICATES.good).admitting("hostssl scram-sha-256"));

        Ran ran = verify("verify-full");

        assertThat(ran.lines("tls", INFO))
                .singleElement()
                .asString()
                .matches(
                        "server offers TLSv1\\.3 with TLS_\\w+; its certificate is CN=good, signed by CN=Authority, valid"
                                + " until \\d{4}-\\d\\d-\\d\\d");
        assertThat(ran.lines("tls", WARNING)).isEmpty();
        assertThat(ran.lines("login", INFO)).containsExactly("server lets the service in, encrypted");
    }

    @Test
    void aCertificateThatExpiresWithinThirtyDaysIsWarnedOf() {
        server.use(Setup.tls(CERTIFICATES.soon));

        Ran ran = verify("verify-full");

        assertThat(ran.lines("tls", WARNING))
                .singleElement()
                .asString()
                .matches("server has a certificate that expires in \\d days, on \\S+: CN=soon; renew it");
        assertThat(ran.lines("login", ERROR)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"require, WARNING", "verify-full, ERROR"})
    void aCertificateThatHasExpiredIsAnErrorWhereItIsVerified(String mode, Severity severity) {
        server.use(Setup.tls(CERTIFICATES.expired));

        assertThat(verify(mode).lines("tls", severity))
                .singleElement()
                .asString()
                .startsWith("server has a certificate that expired on ");
    }

    @Test
    void aCertificateThatIsNotTrustedIsAnErrorWithTheReason() {
        server.use(Setup.tls(CERTIFICATES.otherGood));

        assertThat(verify("verify-full").lines("login", ERROR))
                .containsExactly("DATABASE_URL leads to no connection: TLS: no trusted root has signed the server's"
                        + " certificate; mend what it says");
    }

    @ParameterizedTest
    @CsvSource({"disable, INFO", "prefer, WARNING", "require, ERROR"})
    void aServerWithoutTlsMattersAsTheModeSays(String mode, Severity severity) {
        server.use(Setup.withoutTls());

        assertThat(verify(mode).lines("tls", severity))
                .singleElement()
                .asString()
                .startsWith("server does not offer TLS");
    }

    @Test
    void aClientsCertificateThatOnlyTheServiceCanUseIsSaid() {
        server.use(Setup.tls(CERTIFICATES.good));

        Ran ran = Ran.verify(
                Map.of(
                        "DATABASE_URL",
                        server.url("localhost") + "?sslmode=verify-full&sslrootcert=system&sslcert="
                                + CERTIFICATES.client.certificate() + "&sslkey=" + CERTIFICATES.client.key()),
                "--json");

        assertThat(ran.lines("login", WARNING))
                .singleElement()
                .asString()
                .startsWith("server can't be asked; migrate and verify can't use sslcert together with");
    }

    private Ran verify(String mode) {
        String root = mode.startsWith("verify") ? "&sslrootcert=" + CERTIFICATES.authority.certificate() : "";
        return Ran.verify(Map.of("DATABASE_URL", server.url("localhost") + "?sslmode=" + mode + root), "--json");
    }
}
