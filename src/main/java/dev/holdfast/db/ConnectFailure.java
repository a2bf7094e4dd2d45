package dev.holdfast.db;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a connect attempt failed; the text says it without host, user or password. */
final class ConnectFailure extends RuntimeException {

    /** One for all: it has neither a stack trace nor anything else that changes. */
    @SuppressWarnings("StaticAssignmentOfThrowable")
    static final ConnectFailure NO_TLS =
            new ConnectFailure(DbException.Kind.UNAVAILABLE, "the server does not offer TLS", null);

    private final DbException.Kind kind;

    private ConnectFailure(DbException.Kind kind, @Nullable String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
    }

    static ConnectFailure timeout(long millis) {
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "no answer within " + millis + " ms", null);
    }

    static ConnectFailure tls(String what) {
        return new ConnectFailure(DbException.Kind.UNAVAILABLE, "TLS: " + what, null);
    }

    /** There is no password to log in with. */
    static ConnectFailure noPassword(@Nullable String why) {
        return new ConnectFailure(DbException.Kind.CREDENTIALS_REJECTED, why, null);
    }

    /**
     * What {@code prefer} failed with when TLS did not work and plaintext didn't either. A server that lets nobody in in
     * plaintext says nothing of our credentials.
     */
    static ConnectFailure both(ConnectFailure encrypted, ConnectFailure plaintext) {
        return new ConnectFailure(
                notLetIn(plaintext.getCause()) ? encrypted.kind : plaintext.kind,
                encrypted.getMessage() + "; in plaintext: " + plaintext.getMessage(),
                plaintext.getCause());
    }

    /** Whether it is by {@code pg_hba.conf}, which may let the same role in with or without TLS. */
    static boolean notLetIn(@Nullable Throwable cause) {
        return cause instanceof PgException refusal && "28000".equals(refusal.getSqlState());
    }

    static ConnectFailure of(Throwable cause) {
        if (cause instanceof ConnectFailure failure) {
            return failure;
        }
        if (cause instanceof DecoderException && cause.getCause() != null) {
            return of(cause.getCause());
        }
        if (cause instanceof PgException refusal) {
            String what = "SQLSTATE " + refusal.getSqlState();
            return new ConnectFailure(
                    kindOf(refusal.getSqlState()),
                    notLetIn(cause)
                            ? what + ": no such role, or pg_hba.conf wants another encryption or certificate of it"
                            : what,
                    cause);
        }
        if (cause instanceof SSLException || cause instanceof CertificateException) {
            return new ConnectFailure(DbException.Kind.UNAVAILABLE, "TLS: " + tlsText(rootOf(cause)), cause);
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

    private static String tlsText(Throwable root) {
        if (root instanceof CertificateExpiredException) {
            return "the server's certificate has expired";
        }
        if (root instanceof CertificateNotYetValidException) {
            return "the server's certificate is not valid yet";
        }
        if (root instanceof CertPathBuilderException || root instanceof CertPathValidatorException) {
            return "no trusted root has signed the server's certificate";
        }
        // Its subclasses say what is wrong with a certificate; this one says that it is for another host, and which.
        if (root.getClass() == CertificateException.class) {
            return "the server's certificate does not name the host";
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
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
