package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The certificates and the key of one connect attempt, as their files were when it began. libpq does without a file that
 * is missing, unless it verifies; we never do, because whoever names a file wants it used.
 *
 * @param roots what the server's certificate has to be signed by, in whatever mode, as in libpq; null where the Java
 *     platform's roots are meant, or where nothing is verified
 * @param identity the client's certificate and key, or null
 */
record TlsMaterial(
        SslMode mode,
        @Nullable List<X509Certificate> roots,
        @Nullable PemKeyCertOptions identity) {

    static Future<TlsMaterial> read(Vertx vertx, ConnectionUri uri) {
        String rootFile = "system".equals(uri.sslRootCert()) ? null : uri.sslRootCert();
        String certificate = uri.sslCert();
        String key = uri.sslKey();
        return vertx.executeBlocking(
                        () -> new TlsMaterial(
                                uri.sslMode(),
                                rootFile == null ? null : roots(vertx, rootFile),
                                certificate == null || key == null ? null : identity(vertx, certificate, key)),
                        false)
                .map(Objects::requireNonNull);
    }

    private static List<X509Certificate> roots(Vertx vertx, String path) {
        List<X509Certificate> valid = new ArrayList<>();
        try {
            KeyStore all = new PemTrustOptions().addCertValue(file(path)).loadKeyStore(vertx);
            for (String alias : Collections.list(all.aliases())) {
                X509Certificate root = (X509Certificate) all.getCertificate(alias);
                if (validNow(root)) {
                    valid.add(root);
                }
            }
        } catch (ConnectFailure failure) {
            throw failure;
        } catch (Exception e) {
            throw ConnectFailure.tls("no certificate can be read from " + path);
        }
        if (valid.isEmpty()) {
            throw ConnectFailure.tls("no certificate in " + path + " is valid today");
        }
        return valid;
    }

    /** The Java platform, unlike libpq, trusts in a root for ever. */
    private static boolean validNow(X509Certificate root) {
        try {
            root.checkValidity();
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static PemKeyCertOptions identity(Vertx vertx, String certificate, String key) {
        PemKeyCertOptions identity =
                new PemKeyCertOptions().addCertValue(file(certificate)).addKeyValue(file(key));
        try {
            identity.getKeyManagerFactory(vertx);
        } catch (Exception e) {
            throw ConnectFailure.tls(
                    "no certificate can be read from " + certificate + ", or no unencrypted key from " + key);
        }
        return identity;
    }

    private static Buffer file(String path) {
        try {
            return Buffer.buffer(Files.readAllBytes(Path.of(path)));
        } catch (IOException | IllegalArgumentException e) {
            throw ConnectFailure.tls("cannot read " + path);
        }
    }

    NetClientOptions applyTo(NetClientOptions options) {
        if (roots != null) {
            PemTrustOptions trusted = new PemTrustOptions();
            roots.forEach(root -> trusted.addCertValue(pem(root)));
            options.setTrustOptions(trusted);
        } else if (mode != SslMode.VERIFY_FULL) {
            options.setTrustAll(true);
        }
        if (mode == SslMode.VERIFY_FULL) {
            options.setHostnameVerificationAlgorithm("HTTPS");
        }
        return identity == null ? options : options.setKeyCertOptions(identity);
    }

    private static Buffer pem(X509Certificate certificate) {
        try {
            return Buffer.buffer("-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n");
        } catch (CertificateException e) {
            throw new IllegalStateException("A certificate that was read can't be written", e);
        }
    }
}
