package dev.holdfast.db;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a connect attempt failed; the text says it without host, user or password. */
final class ConnectFailure extends RuntimeException {

    private final DbException.Kind kind;

    private ConnectFailure(DbException.Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
    }

    static ConnectFailure timeout(long millis) {
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "no answer within " + millis + " ms", null);
    }

    static ConnectFailure tlsRefused() {
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "the server does not offer TLS", null);
    }

    static ConnectFailure tls(String what) {
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "TLS: " + what, null);
    }

    static ConnectFailure of(Throwable cause) {
        if (cause instanceof ConnectFailure failure) {
            return failure;
        }
        if (cause instanceof PgException refusal) {
            return new ConnectFailure(kindOf(refusal.getSqlState()), "SQLSTATE " + refusal.getSqlState(), cause);
        }
        if (cause instanceof SSLException || cause instanceof CertificateException) {
            Throwable root = rootOf(cause);
            // Its subclasses say what is wrong with a certificate; this one says that it is for another host, and
            // which.
            String what = root.getClass() == CertificateException.class
                    ? "the certificate does not name the host"
                    : root.getMessage();
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "TLS: " + what, cause);
        }
        if (cause instanceof UnknownHostException) {
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "the host is unknown", cause);
        }
        if (cause instanceof ConnectTimeoutException) {
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "no answer in time", cause);
        }
        if (cause instanceof NoRouteToHostException) {
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "no route to the host", cause);
        }
        if (cause instanceof ConnectException) {
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "connection refused", cause);
        }
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "connection lost", cause);
    }

    private static DbException.Kind kindOf(String sqlState) {
        if (sqlState.startsWith("28")) {
            return DbException.Kind.CREDENTIALS_REJECTED;
        }
        return switch (sqlState) {
            case "53300", "53400", "57P03" -> DbException.Kind.OVERLOADED;
            default -> DbException.Kind.UNAVAILABLE;
        };
    }

    @SuppressWarnings("ReferenceEquality") // its own cause is what an exception must not be, not one that equals it
    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    DbException.Kind kind() {
        return kind;
    }
}
