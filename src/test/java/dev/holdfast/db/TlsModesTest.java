package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * libpq's meaning of {@code sslmode}. Both tables were compared with psql 15.18, which is libpq: it does the same in every
 * case. Elsewhere we differ:
 *
 * <ul>
 *   <li>A file that is named but can't be read, or has no certificate in it that is valid, means no encrypted connection,
 *       and no plaintext one instead ({@link TlsFilesTest}); libpq does without it, or without encryption, unless it
 *       verifies. Files in {@code ~/.postgresql} are not looked for.
 *   <li>{@code verify-ca} and {@code verify-full} without a root certificate are refused at the start
 *       ({@link SessionOptionsTest}), not by every attempt.
 *   <li>{@code allow} and {@code prefer} go the other way when {@code pg_hba.conf} refuses one, not for every other error,
 *       such as a wrong password, which would be sent twice ({@link TlsFailuresTest}).
 *   <li>Plaintext after the server's yes to TLS ends {@code prefer}'s attempt ({@link TlsHandshakeTest}).
 *   <li>The Java platform trusts in an intermediate authority without its root, and keeps a client's certificate to itself
 *       that the server's authorities have not signed.
 * </ul>
 */
class TlsModesTest {

    private static final Certificates CERTIFICATES = Certificates.shared();

    private static final Map<String, Path> ROOTS = Map.of(
            "authority", CERTIFICATES.authority.certificate(),
            "self-signed", CERTIFICATES.selfSigned.certificate(),
            "expired-self", CERTIFICATES.expiredSelfSigned.certificate());

    private static final Map<String, Setup> SERVERS = Map.of(
            "self-signed", Setup.tls(CERTIFICATES.selfSigned),
            "good", Setup.tls(CERTIFICATES.good),
            "wrong-host", Setup.tls(CERTIFICATES.wrongHost),
            "expired", Setup.tls(CERTIFICATES.expired),
            "expired-self", Setup.tls(CERTIFICATES.expiredSelfSigned),
            "no-tls", Setup.withoutTls(),
            "hostssl", Setup.tls(CERTIFICATES.good).admitting("hostssl trust"),
            "hostssl-self", Setup.tls(CERTIFICATES.selfSigned).admitting("hostssl trust"),
            "hostnossl", Setup.tls(CERTIFICATES.good).admitting("hostnossl trust"));

    private static final Map<String, Setup> NAMED = Map.of(
            "good", Setup.tls(CERTIFICATES.good),
            "common-name", Setup.tls(CERTIFICATES.commonName),
            "wildcard", Setup.tls(CERTIFICATES.wildcard));

    /** E: encrypted, P: in plaintext, -: refused. Servers let in either, but for the last three. */
    private static final String TABLE = """
            sslmode     sslrootcert  self-signed good wrong-host expired expired-self no-tls hostssl hostssl-self hostnossl
            disable     none         P           P    P          P       P            P      -       -            P
            allow       none         P           P    P          P       P            P      E       E            P
            prefer      none         E           E    E          E       E            P      E       E            P
            require     none         E           E    E          E       E            -      E       E            -
            disable     authority    P           P    P          P       P            P      -       -            P
            allow       authority    P           P    P          P       P            P      E       -            P
            prefer      authority    P           E    E          P       P            P      E       -            P
            require     authority    -           E    E          -       -            -      E       -            -
            verify-ca   authority    -           E    E          -       -            -      E       -            -
            verify-full authority    -           E    -          -       -            -      E       -            -
            require     self-signed  E           -    -          -       -            -      -       E            -
            verify-ca   self-signed  E           -    -          -       -            -      -       E            -
            verify-full self-signed  E           -    -          -       -            -      -       E            -
            verify-ca   expired-self -           -    -          -       -            -      -       -            -
            """;

    record Case(String sslMode, String root, String server, String expected) {

        Path rootFile() {
            return ROOTS.get(root);
        }

        Setup setup() {
            return SERVERS.get(server);
        }

        @Override
        public String toString() {
            return sslMode + ", root " + root + ", server " + server + ": " + expected;
        }
    }

    /** By server, so that its certificate is changed as seldom as can be. */
    static Stream<Case> table() {
        List<String[]> rows = TABLE.lines().map(line -> line.split(" +")).toList();
        String[] head = rows.get(0);
        Map<String, String> outcomes = Map.of("E", "encrypted", "P", "plaintext", "-", "refused");
        return IntStream.range(2, head.length)
                .boxed()
                .flatMap(column -> rows.stream()
                        .skip(1)
                        .map(row -> new Case(row[0], row[1], head[column], outcomes.get(row[column]))));
    }

    private static TlsRig rig;

    @BeforeAll
    static void start() {
        rig = new TlsRig();
        rig.config.maxSize = 1;
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @AfterEach
    void forget() {
        rig.forget();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void aConnectionIsAsLibpqsWouldBe(Case row) {
        rig.server.use(row.setup());
        rig.mode(row.sslMode(), row.rootFile());
        rig.config.url = Optional.of(rig.server.url("localhost"));

        assertThat(outcome()).isEqualTo(row.expected());
        PoolFigures figures = rig.figures();
        assertThat(figures.encrypted()).isEqualTo(row.expected().equals("encrypted") ? 1 : 0);
        assertThat(figures.plaintext()).isEqualTo(row.expected().equals("plaintext") ? 1 : 0);
    }

    @ParameterizedTest(name = "{0}''s certificate, {1}: {2}")
    @CsvSource({
        "good,        localhost,         encrypted",
        "good,        127.0.0.1,         encrypted",
        "good,        db.holdfast.test,  refused",
        "common-name, localhost,         encrypted",
        "common-name, 127.0.0.1,         refused",
        "wildcard,    db.holdfast.test,  encrypted",
        "wildcard,    DB.Holdfast.test,  encrypted",
        "wildcard,    a.b.holdfast.test, refused",
        "wildcard,    holdfast.test,     refused",
        "wildcard,    localhost,         refused",
    })
    void aCertificateNamesAHostAsItDoesForLibpqsVerifyFull(String certificate, String host, String expected) {
        rig.server.use(NAMED.get(certificate));
        rig.mode("verify-full", CERTIFICATES.authority.certificate());
        rig.config.url = Optional.of(rig.server.url(host));

        assertThat(outcome()).isEqualTo(expected);
    }

    private static String outcome() {
        try {
            return rig.outcome();
        } catch (DbException refused) {
            return "refused";
        }
    }
}
