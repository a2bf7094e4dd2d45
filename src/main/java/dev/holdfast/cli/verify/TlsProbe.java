package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a server offers for TLS. Whatever certificate it has is taken: this only looks, and sends nothing but the
 * handshake.
 *
 * @param offered whether it speaks TLS at all
 * @param protocol such as {@code TLSv1.3}; null where the handshake failed
 * @param chain the server's certificates, its own first
 * @param failure why the handshake failed, or null
 */
record TlsProbe(
        boolean offered,
        @Nullable String protocol,
        @Nullable String cipher,
        List<X509Certificate> chain,
        @Nullable String failure) {

    private static final int SSL_REQUEST = 80877103;

    static TlsProbe of(ConnectionUri uri, Duration patience) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.host(), uri.port()), (int) patience.toMillis());
            socket.setSoTimeout((int) patience.toMillis());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(8);
            out.writeInt(SSL_REQUEST);
            out.flush();
            return socket.getInputStream().read() == 'S' ? handshake(socket, uri) : none(null);
        } catch (IOException e) {
            return none(Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName()));
        }
    }

    private static TlsProbe none(@Nullable String failure) {
        return new TlsProbe(failure != null, null, null, List.of(), failure);
    }

    private static TlsProbe handshake(Socket socket, ConnectionUri uri) throws IOException {
        try (SSLSocket tls =
                (SSLSocket) context().getSocketFactory().createSocket(socket, uri.host(), uri.port(), true)) {
            tls.startHandshake();
            SSLSession session = tls.getSession();
            return new TlsProbe(
                    true,
                    session.getProtocol(),
                    session.getCipherSuite(),
                    Arrays.stream(session.getPeerCertificates())
                            .map(X509Certificate.class::cast)
                            .toList(),
                    null);
        }
    }

    private static SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Looker()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts everybody, because nothing is told to them. */
    private static final class Looker extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
