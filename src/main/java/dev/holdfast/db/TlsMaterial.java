package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import org.jspecify.annotations.Nullable;

/**
 * The certificates and the key of one connect attempt, as their files were when it began.
 *
 * @param roots PEM; null where the Java platform's roots are meant, or where nothing is verified
 * @param certificate the client's chain, PEM, or null
 * @param key the client's key, PEM, or null
 */
record TlsMaterial(
        SslMode mode,
        @Nullable Buffer roots,
        @Nullable Buffer certificate,
        @Nullable Buffer key) {

    static Future<TlsMaterial> read(Vertx vertx, ConnectionUri uri) {
        boolean verified = uri.sslMode() == SslMode.VERIFY_CA || uri.sslMode() == SslMode.VERIFY_FULL;
        String rootFile = verified && !"system".equals(uri.sslRootCert()) ? uri.sslRootCert() : null;
        return file(vertx, rootFile)
                .compose(roots -> file(vertx, uri.sslCert())
                        .compose(certificate -> file(vertx, uri.sslKey())
                                .map(key -> new TlsMaterial(uri.sslMode(), roots, certificate, key))));
    }

    private static Future<? extends @Nullable Buffer> file(Vertx vertx, @Nullable String path) {
        return path == null
                ? Future.succeededFuture()
                : vertx.fileSystem()
                        .readFile(path)
                        .recover(failure -> Future.failedFuture(ConnectFailure.tls("cannot read " + path)));
    }

    NetClientOptions applyTo(NetClientOptions options) {
        if (mode != SslMode.VERIFY_CA && mode != SslMode.VERIFY_FULL) {
            options.setTrustAll(true);
        } else if (roots != null) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(roots));
        }
        if (mode == SslMode.VERIFY_FULL) {
            options.setHostnameVerificationAlgorithm("HTTPS");
        }
        if (certificate != null && key != null) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key));
        }
        return options;
    }
}
