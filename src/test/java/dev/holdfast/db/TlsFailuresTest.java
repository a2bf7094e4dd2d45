package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer;
import dev.holdfast.testkit.TlsServer.Setup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an operator is told of TLS, and what failures and losses of encrypted connections lead to. */
class TlsFailuresTest {

    private static final Certificates CERTIFICATES = Certificates.shared();
    private static final Path ROOT = CERTIFICATES.authority.certificate();
    private static final String AWAY = "PostgreSQL can't be reached ";
    private static final String NOT_LET_IN =
            "SQLSTATE 28000: no such role, or pg_hba.conf wants another encryption or certificate of it";

    private final TlsRig rig = new TlsRig();

    @AfterEach
    void close() {
        rig.close();
    }

    static Stream<Arguments> refusals() {
        Setup selfSigned = Setup.tls(CERTIFICATES.selfSigned);
        Setup good = Setup.tls(CERTIFICATES.good);
        return Stream.of(
                Arguments.of(
                        "verify-ca", selfSigned, AWAY + "(TLS: no trusted root has signed the server's certificate)."),
                Arguments.of(
                        "verify-full",
                        Setup.tls(CERTIFICATES.wrongHost),
                        AWAY + "(TLS: the server's certificate does not name the host)."),
                Arguments.of(
                        "verify-full",
                        Setup.tls(CERTIFICATES.expired),
                        AWAY + "(TLS: the server's certificate has expired)."),
                Arguments.of("require", Setup.withoutTls(), AWAY + "(the server does not offer TLS)."),
                Arguments.of(
                        "require",
                        good.admitting("hostnossl trust"),
                        "PostgreSQL rejects our credentials (" + NOT_LET_IN + ")."),
                Arguments.of(
                        "disable",
                        good.admitting("hostssl trust"),
                        "PostgreSQL rejects our credentials (" + NOT_LET_IN + ")."),
                Arguments.of(
                        "prefer",
                        selfSigned.admitting("hostssl trust"),
                        AWAY + "(TLS: no trusted root has signed the server's certificate; in plaintext: " + NOT_LET_IN
                                + ")."),
                Arguments.of(
                        "allow",
                        selfSigned.admitting("hostssl trust"),
                        AWAY + "(TLS: no trusted root has signed the server's certificate)."),
                Arguments.of(
                        "verify-full",
                        good.admitting("hostssl reject"),
                        "PostgreSQL rejects our credentials (" + NOT_LET_IN + ")."));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("refusals")
    void aRefusalSaysWhyWithoutHostUserOrPassword(String sslMode, Setup setup, String text) {
        rig.server.use(setup);
        rig.mode(sslMode, ROOT);

        DbException failure = failureOf(rig.encrypted());

        assertThat(failure).hasMessage(text);
        assertThat(text).doesNotContain("localhost", "127.0.0.1", TlsServer.ROLE, TlsServer.PASSWORD);
    }

    @ParameterizedTest
    @CsvSource({"prefer, encrypted", "allow, plaintext"})
    void aWrongPasswordIsNotTriedAgainTheOtherWay(String sslMode, String way) {
        rig.server.use(Setup.tls(CERTIFICATES.good).admitting("host scram-sha-256"));
        rig.mode(sslMode, null);
        assertThat(rig.outcome()).isEqualTo(way);
        rig.forget();
        try (FaultyServer proxy = new FaultyServer(rig.vertx, rig.server.port(), FaultyServer.Mode.PASS)) {
            rig.port(proxy.port());
            rig.config.url = rig.config.url.map(url -> url.replace(TlsServer.PASSWORD, "wrong"));

            DbException failure = failureOf(rig.encrypted());

            assertThat(failure).hasMessage("PostgreSQL rejects our credentials (SQLSTATE 28P01).");
            assertThat(proxy.accepted()).isEqualTo(1);
        }
    }

    @Test
    void aCertificateThatFailsIsNotTriedInAStorm() {
        rig.server.use(Setup.tls(CERTIFICATES.expired));
        rig.mode("verify-full", ROOT);
        rig.config.maxSize = 20;

        soon().during(Duration.ofSeconds(1)).until(() -> {
            for (int i = 0; i < 20; i++) {
                assertThat(failureOf(rig.encrypted()).kind()).isEqualTo(DbException.Kind.UNAVAILABLE);
            }
            return true;
        });

        PoolFigures figures = rig.figures();
        assertThat(figures.refused()).isGreaterThan(100);
        assertThat(figures.connectFailures()).isBetween(2L, 30L);
        assertThat(figures.opened()).isZero();
    }

    @Test
    void anEncryptedConnectionThatIsLostAndReplacedIsOneSslReconnect() {
        rig.server.use(Setup.tls(CERTIFICATES.good));
        rig.mode("verify-full", ROOT);
        rig.outcome();
        assertThat(rig.figures().sslReconnects()).isZero();

        drop(1);
        assertThat(rig.figures().sslReconnects()).as("not yet replaced").isZero();
        rig.outcome();

        PoolFigures figures = rig.figures();
        assertThat(figures.sslReconnects()).isEqualTo(1);
        assertThat(figures.opened()).isEqualTo(2);
        assertThat(figures.closed()).isEqualTo(1);
        assertThat(figures.dropped()).isEqualTo(1);
        assertThat(figures.connectFailures()).isZero();
        assertThat(figures.encrypted()).isEqualTo(1);

        drop(2);
        rig.outcome();
        assertThat(rig.figures().sslReconnects()).isEqualTo(2);
    }

    @Test
    void aPlaintextConnectionThatIsReplacedIsNone() {
        rig.server.use(Setup.tls(CERTIFICATES.good));
        rig.mode("disable", null);
        rig.outcome();

        drop(1);
        rig.outcome();

        assertThat(rig.figures().dropped()).isEqualTo(1);
        assertThat(rig.figures().sslReconnects()).isZero();
        assertThat(rig.figures().plaintext()).isEqualTo(1);
    }

    private void drop(long closed) {
        rig.server.terminateBackends();
        soon().until(() -> rig.figures().closed() == closed);
    }
}
