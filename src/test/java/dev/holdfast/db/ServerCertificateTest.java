package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer.Setup;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the server's certificate ends, for whoever has to renew it in time. */
class ServerCertificateTest {

    private final Certificates certificates = Certificates.shared();
    private final TlsRig rig = new TlsRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void theFirstEndInTheServersChainIsKnownOnceAHandshakeHasShownIt() throws Exception {
        rig.server.use(Setup.tls(certificates.good));
        rig.mode("verify-full", certificates.authority.certificate());
        assertThat(rig.db().serverCertificateExpiry()).isEmpty();

        get(rig.encrypted());

        assertThat(rig.db().serverCertificateExpiry()).contains(firstEnd(certificates.good));
        assertThat(firstEnd(certificates.good)).isAfter(Instant.now());
    }

    @Test
    void itIsKnownWhereNothingIsVerifiedToo() throws Exception {
        rig.server.use(Setup.tls(certificates.expired));
        rig.mode("require", null);

        get(rig.encrypted());

        assertThat(rig.db().serverCertificateExpiry()).contains(firstEnd(certificates.expired));
        assertThat(firstEnd(certificates.expired)).isBefore(Instant.now());
    }

    @Test
    void aConnectionInPlaintextShowsNone() {
        rig.server.use(Setup.withoutTls());
        rig.mode("prefer", null);

        assertThat(get(rig.encrypted())).isFalse();

        assertThat(rig.db().serverCertificateExpiry()).isEmpty();
    }

    private static Instant firstEnd(Certificates.Issued issued) throws Exception {
        try (InputStream chain = Files.newInputStream(issued.certificate())) {
            return CertificateFactory.getInstance("X.509").generateCertificates(chain).stream()
                    .map(certificate ->
                            ((X509Certificate) certificate).getNotAfter().toInstant())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }
}
