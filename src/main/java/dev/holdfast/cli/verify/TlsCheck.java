package dev.holdfast.cli.verify;

import dev.holdfast.db.SslMode;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Objects;

/** What the server offers for TLS, and how long its certificates are good for. */
final class TlsCheck implements Check {

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        TlsProbe tls = subject.network().tls();
        SslMode mode = Objects.requireNonNull(subject.uri()).sslMode();
        boolean needed = mode.compareTo(SslMode.REQUIRE) >= 0;
        if (tls == null) {
            return;
        }
        if (!tls.offered()) {
            findings.add(
                    needed ? Severity.ERROR : mode == SslMode.DISABLE ? Severity.INFO : Severity.WARNING,
                    "server",
                    "does not offer TLS" + (needed ? "" : ": connections are in plaintext"),
                    "give it a certificate, and set ssl = on");
        } else if (tls.failure() != null) {
            findings.add(
                    needed ? Severity.ERROR : Severity.WARNING,
                    "server",
                    "did not get through a TLS handshake: " + tls.failure(),
                    "look at its log, and at its ssl_ settings");
        } else {
            offered(tls, mode, findings);
        }
    }

    private static void offered(TlsProbe tls, SslMode mode, Findings findings) {
        X509Certificate own = tls.chain().get(0);
        findings.info(
                "server",
                "offers " + tls.protocol() + " with " + tls.cipher() + "; its certificate is "
                        + own.getSubjectX500Principal().getName() + ", signed by "
                        + own.getIssuerX500Principal().getName() + ", valid until "
                        + Expiry.day(own.getNotAfter().toInstant()));
        Expiry.look(
                tls.chain(),
                Instant.now(),
                "server",
                mode.compareTo(SslMode.VERIFY_CA) >= 0 ? Severity.ERROR : Severity.WARNING,
                findings);
    }
}
