package dev.holdfast.llmconfig.probe;

import io.netty.handler.codec.DecoderException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why there was no HTTP answer.
 *
 * @param detail more of it, which may have the other side's words; or null
 * @param again whether another attempt may end otherwise
 */
record ConnectionTrouble(String what, @Nullable String detail, boolean again) {

    static ConnectionTrouble of(Throwable failure) {
        CertificateException certificate = cause(failure, CertificateException.class);
        if (certificate != null) {
            return new ConnectionTrouble("The server's certificate is not trusted.", certificate.getMessage(), false);
        }
        SSLException tls = cause(failure, SSLException.class);
        if (tls != null) {
            return new ConnectionTrouble("TLS could not be agreed upon.", tls.getMessage(), true);
        }
        if (cause(failure, ConnectException.class) != null) {
            return new ConnectionTrouble("No connection could be made.", null, true);
        }
        if (cause(failure, IllegalArgumentException.class) != null || cause(failure, DecoderException.class) != null) {
            return new ConnectionTrouble("The answer is not HTTP, or has too long a head.", null, false);
        }
        return new ConnectionTrouble("The connection was lost before the end of the answer.", null, true);
    }

    private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
        Throwable at = failure;
        while (at != null && !type.isInstance(at)) {
            at = at.getCause();
        }
        return type.cast(at);
    }
}
