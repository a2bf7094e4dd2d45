package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** The files of certificates and keys that the configuration names. */
final class CertificatesCheck implements Check {

    @Override
    public String name() {
        return "certificates";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ConnectionUri uri = subject.uri();
        if (uri == null) {
            return;
        }
        String roots = uri.sslRootCert();
        if (roots != null && !roots.equals("system")) {
            String key = subject.settings().isGiven(EncryptionCheck.ROOTS)
                    ? subject.key(EncryptionCheck.ROOTS)
                    : "DATABASE_URL?sslrootcert";
            certificates(subject, key, roots, findings);
        }
        if (uri.sslCert() != null) {
            certificates(subject, "DATABASE_URL?sslcert", uri.sslCert(), findings);
        }
        if (uri.sslKey() != null) {
            key(subject, uri.sslKey(), findings);
        }
    }

    private static void certificates(Subject subject, String key, String file, Findings findings) {
        List<X509Certificate> read;
        try (InputStream pem = Files.newInputStream(Path.of(file))) {
            read = CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (IOException | InvalidPathException e) {
            unreadable(subject, key, file, findings);
            return;
        } catch (CertificateException e) {
            read = List.of();
        }
        if (read.isEmpty()) {
            findings.error(key, "names " + file + ", which holds no certificate", "give it a PEM file");
        }
        Expiry.look(read, Instant.now(), key, key.endsWith("sslcert") ? Severity.ERROR : Severity.WARNING, findings);
    }

    private static void key(Subject subject, String file, Findings findings) {
        String key = "DATABASE_URL?sslkey";
        try {
            if (!Files.readString(Path.of(file)).contains("PRIVATE KEY-----")) {
                findings.error(key, "names " + file + ", which holds no private key", "give it a PEM file");
            }
        } catch (IOException | InvalidPathException e) {
            unreadable(subject, key, file, findings);
        }
    }

    private static void unreadable(Subject subject, String key, String file, Findings findings) {
        if (subject.settings().elsewhere()) {
            findings.info(key, "names " + file + ", which is not here to be looked at");
        } else {
            findings.warning(
                    key,
                    "names " + file + ", which can't be read: there will be no connection",
                    "put the file there, and let the service's user read it");
        }
    }
}
