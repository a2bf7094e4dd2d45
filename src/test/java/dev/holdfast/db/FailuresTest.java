package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DbException.Kind;
import dev.holdfast.db.Failures.Next;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

    @ParameterizedTest
    @CsvSource({
        "40001, OVERLOADED, AGAIN",
        "40P01, OVERLOADED, AGAIN",
        "53300, OVERLOADED, AGAIN",
        "53400, OVERLOADED, AGAIN",
        "55P03, OVERLOADED, AGAIN",
        "57P01, UNAVAILABLE, LOST",
        "57P02, UNAVAILABLE, LOST",
        "57P03, UNAVAILABLE, LOST",
        "57P05, UNAVAILABLE, LOST",
        "08000, UNAVAILABLE, LOST",
        "08006, UNAVAILABLE, LOST",
        "53100, DISK_FULL, REPORT",
        "25006, READ_ONLY, REPORT",
        "57014, STATEMENT_TIMEOUT, REPORT",
        "23505, CONSTRAINT, REPORT",
        "23503, CONSTRAINT, REPORT",
        "23514, CONSTRAINT, REPORT",
        "42601, INTERNAL, REPORT",
        "22P05, INTERNAL, REPORT",
        "40002, INTERNAL, REPORT",
        "XX000, INTERNAL, REPORT",
    })
    void aSqlStateSaysWhatHappenedAndWhatMayBeDone(String sqlState, Kind kind, Next next) {
        assertThat(Failures.classify(PoolRig.refusal(sqlState))).isEqualTo(new Failures.Verdict(kind, next));
    }

    static Stream<Throwable> lost() {
        return Stream.of(
                ClosedConnectionException.INSTANCE,
                new SocketException("Connection reset"),
                new VertxException("Pending requests failed"),
                new NoStackTraceThrowable("Connection is not active now"));
    }

    @ParameterizedTest
    @MethodSource("lost")
    void aConnectionThatEndedLeavesTheOutcomeUnknown(Throwable failure) {
        assertThat(Failures.classify(failure)).isEqualTo(new Failures.Verdict(Kind.UNAVAILABLE, Next.LOST));
    }

    @Test
    void anythingElseIsABugOfOursAndTheConnectionIsTrustedNoMore() {
        assertThat(Failures.classify(new IllegalStateException()))
                .isEqualTo(new Failures.Verdict(Kind.INTERNAL, Next.BROKEN));
    }

    @Test
    void aFailureThatWasClassifiedBeforeKeepsItsKind() {
        DbException before = DbFailures.of(Kind.READ_ONLY, "read-only");
        assertThat(Failures.classify(before)).isEqualTo(new Failures.Verdict(Kind.READ_ONLY, Next.REPORT));
    }

    @Test
    void aStatementsFailureCarriesSqlStateAndConstraint() {
        PgException refusal = new PgException(
                "duplicate key",
                "ERROR",
                "23505",
                "detail",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "items_pkey");

        DbException failure = Failures.ofStatement(Kind.CONSTRAINT, "text", true, true, refusal);

        assertThat(failure.sqlState()).isEqualTo("23505");
        assertThat(failure.constraint()).isEqualTo("items_pkey");
        assertThat(failure.writeSent()).isTrue();
        assertThat(failure.replayed()).isTrue();
        assertThat(failure.retryAfter()).isNull();
        assertThat(failure).hasMessage("text").hasCauseInstanceOf(Withheld.class);
        assertThat(failure.getCause()).hasMessageContaining("23505").hasMessageNotContaining("duplicate key");
    }

    static Stream<Arguments> connecting() {
        return Stream.of(
                Arguments.of(PoolRig.refusal("28P01"), Kind.CREDENTIALS_REJECTED, "SQLSTATE 28P01"),
                Arguments.of(
                        PoolRig.refusal("28000"),
                        Kind.CREDENTIALS_REJECTED,
                        "SQLSTATE 28000: no such role, or pg_hba.conf wants another encryption or certificate of it"),
                Arguments.of(PoolRig.refusal("53300"), Kind.OVERLOADED, "SQLSTATE 53300"),
                Arguments.of(PoolRig.refusal("57P03"), Kind.OVERLOADED, "SQLSTATE 57P03"),
                Arguments.of(PoolRig.refusal("3D000"), Kind.UNAVAILABLE, "SQLSTATE 3D000"),
                Arguments.of(new ConnectException("10.1.2.3"), Kind.UNAVAILABLE, "connection refused"),
                Arguments.of(new ConnectTimeoutException("10.1.2.3"), Kind.UNAVAILABLE, "no answer in time"),
                Arguments.of(new NoRouteToHostException("10.1.2.3"), Kind.UNAVAILABLE, "no route to the host"),
                Arguments.of(new UnknownHostException("db.internal"), Kind.UNAVAILABLE, "the host is unknown"),
                Arguments.of(ClosedConnectionException.INSTANCE, Kind.UNAVAILABLE, "connection lost"),
                Arguments.of(
                        tls(new CertificateException("No name matching db.internal found")),
                        Kind.UNAVAILABLE,
                        "TLS: the server's certificate does not name the host"),
                Arguments.of(
                        tls(new CertPathValidatorException("validity check failed")),
                        Kind.UNAVAILABLE,
                        "TLS: no trusted root has signed the server's certificate"));
    }

    @ParameterizedTest
    @MethodSource("connecting")
    void aFailedConnectAttemptSaysWhyWithoutNamingTheHost(Throwable cause, Kind kind, String text) {
        ConnectFailure failure = ConnectFailure.of(cause);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessage(text);
        assertThat(ConnectFailure.of(failure)).isSameAs(failure);
    }

    private static SSLHandshakeException tls(Exception cause) {
        SSLHandshakeException failure = new SSLHandshakeException(cause.getMessage());
        failure.initCause(cause);
        return failure;
    }
}
