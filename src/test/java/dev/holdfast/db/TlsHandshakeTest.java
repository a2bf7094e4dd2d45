package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.failureOf;
import static dev.holdfast.db.DatabaseRig.soon;
import static dev.holdfast.db.DatabaseRig.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TlsServer.Setup;
import io.smallrye.mutiny.Uni;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that break off the way to TLS, by silence or otherwise. */
class TlsHandshakeTest {

    private static final int SIZE = 4;

    private final TlsRig rig = new TlsRig();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefer", "verify-full"})
    void silenceTakesTheSlotsForTheConnectTimeoutAtMostAndItsEndGivesAllOfThemBack(String sslMode) {
        Certificates certificates = Certificates.shared();
        rig.server.use(Setup.tls(certificates.good));
        rig.mode(sslMode, certificates.authority.certificate());
        rig.config.maxSize = SIZE;
        rig.config.connectTimeout = Duration.ofMillis(400);
        try (FaultyServer silent = new FaultyServer(rig.vertx, rig.server.port(), FaultyServer.Mode.SILENT_IN_TLS)) {
            rig.port(silent.port());
            List<CompletableFuture<?>> asked = new ArrayList<>();
            for (int i = 0; i < SIZE; i++) {
                asked.add(rig.encrypted().subscribeAsCompletionStage());
            }
            soon().until(() -> rig.figures().opening() == SIZE);
            long start = System.nanoTime();
            soon().until(() -> rig.figures().connectFailures() >= SIZE);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(rig.config.connectTimeout.plusMillis(600));

            // From now on one attempt at a time finds out whether the silence has ended; nobody waits for it.
            assertThat(asked).allSatisfy(a -> assertThat(a).isCompletedExceptionally());
            soon().until(() -> rig.figures().connectFailures() >= SIZE + 2);
            assertThat(rig.figures().opening()).isLessThanOrEqualTo(1);
            assertThat(silent.open()).as("sockets").isLessThanOrEqualTo(1);
            assertThat(failureOf(rig.encrypted())).hasMessage("PostgreSQL can't be reached (no answer within 400 ms).");

            silent.mode = FaultyServer.Mode.PASS;
            await().pollInterval(10, TimeUnit.MILLISECONDS)
                    .atMost(2, TimeUnit.SECONDS)
                    .until(() -> rig.figures().idle() > 0);
            List<CompletableFuture<?>> running = new ArrayList<>();
            for (int i = 0; i < SIZE; i++) {
                running.add(sleep().subscribeAsCompletionStage());
            }
            running.forEach(CompletableFuture::join);
            PoolFigures figures = rig.figures();
            assertThat(figures.encrypted()).isEqualTo(SIZE);
            assertThat(figures.plaintext()).isZero();
            soon().untilAsserted(() -> assertThat(silent.open()).as("sockets").isEqualTo(SIZE));
        }
    }

    /** Attempts that were caught in the silence would go on for 20 s; they must neither be waited for nor hold slots. */
    @Test
    void fullCapacityIsBackSoonAfterASilenceHoweverLongAnAttemptMayTake() {
        Certificates certificates = Certificates.shared();
        rig.server.use(Setup.tls(certificates.good));
        rig.mode("verify-full", certificates.authority.certificate());
        rig.config.maxSize = SIZE;
        rig.config.connectTimeout = Duration.ofSeconds(20);
        rig.config.acquireTimeout = Duration.ofSeconds(4);
        try (FaultyServer silent = new FaultyServer(rig.vertx, rig.server.port(), FaultyServer.Mode.SILENT_IN_TLS)) {
            rig.port(silent.port());
            List<CompletableFuture<?>> caught = new ArrayList<>();
            for (int i = 0; i < SIZE; i++) {
                caught.add(rig.encrypted().subscribeAsCompletionStage());
            }
            await().atMost(10, TimeUnit.SECONDS).until(() -> caught.stream().allMatch(CompletableFuture::isDone));

            silent.mode = FaultyServer.Mode.PASS;
            Duration limit = Duration.ofSeconds(2);
            long ended = System.nanoTime();
            await().pollInterval(10, TimeUnit.MILLISECONDS)
                    .atMost(limit)
                    .until(() -> rig.figures().idle() > 0);
            List<CompletableFuture<?>> running = new ArrayList<>();
            for (int i = 0; i < SIZE; i++) {
                running.add(sleep().subscribeAsCompletionStage());
            }
            await().pollInterval(10, TimeUnit.MILLISECONDS)
                    .atMost(limit.minusNanos(System.nanoTime() - ended))
                    .until(() -> rig.figures().inUse() == SIZE);
            running.forEach(CompletableFuture::join);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefer", "require"})
    void plaintextThatComesWithTheServersYesIsRefusedAsAnAttackMayBe(String sslMode) {
        answering(sslMode, (client, message) -> client.write("S and more"));

        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: plaintext after the server's yes, perhaps an attack).");
        assertThat(seen).containsOnly("TLS request");
    }

    @Test
    void aConnectionThatEndsBeforeTheServersAnswerIsNoReasonToDoWithoutTls() {
        answering("prefer", (client, message) -> client.close());

        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached"
                        + " (TLS: the server closed the connection instead of answering).");
        assertThat(seen).containsOnly("TLS request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"E", "H"})
    void anAnswerThatIsNeitherYesNorNoIsNoReasonToDoWithoutTls(String answer) {
        answering("prefer", (client, message) -> client.write(answer));

        assertThat(failureOf(rig.encrypted()))
                .hasMessage("PostgreSQL can't be reached (TLS: the server answered neither yes nor no).");
        assertThat(seen).containsOnly("TLS request");
    }

    @ParameterizedTest
    @CsvSource({"prefer, true", "require, false"})
    void aHandshakeThatTheServerBreaksOffMeansPlaintextForPreferAlone(String sslMode, boolean plaintext) {
        answering(sslMode, (client, message) -> {
            if (message.equals("TLS request")) {
                client.write("S");
            } else {
                client.close();
            }
        });

        assertThat(failureOf(rig.encrypted()))
                .hasMessageContaining("TLS: the server closed the connection during the handshake");
        assertThat(seen.subList(0, 2)).containsExactly("TLS request", "handshake");
        assertThat(seen.contains("plaintext")).isEqualTo(plaintext);
    }

    @Test
    void theServerIsToldTheHostsNameForProxiesThatRouteByIt() {
        List<String> hellos = new CopyOnWriteArrayList<>();
        int port = listen(
                (client, message) -> {
                    if (message.equals("TLS request")) {
                        client.write("S");
                    } else {
                        client.close();
                    }
                },
                hellos);
        rig.mode("require", null);
        rig.config.url = Optional.of("postgresql://u@db.holdfast.test:" + port + "/d");

        failureOf(rig.encrypted());

        assertThat(hellos.get(0)).contains("db.holdfast.test");
    }

    private Uni<RowSet<Row>> sleep() {
        return rig.db()
                .query(
                        ticket(DatabaseRig.LONG),
                        Statement.read("test.read", "SELECT pg_sleep(0.3)"),
                        Tuple.tuple(),
                        rows -> rows);
    }

    private void answering(String sslMode, BiConsumer<NetSocket, String> answer) {
        rig.mode(sslMode, null).port(listen(answer, new ArrayList<>()));
    }

    /** Tells what comes apart: the request for TLS, TLS itself, and the start of a session in plaintext. */
    private int listen(BiConsumer<NetSocket, String> answer, List<String> hellos) {
        NetServer server = rig.vertx
                .createNetServer()
                .connectHandler(client -> client.handler(bytes -> {
                    String what =
                            bytes.length() == 8 ? "TLS request" : bytes.getByte(0) == 0x16 ? "handshake" : "plaintext";
                    if (what.equals("handshake")) {
                        hellos.add(bytes.toString(StandardCharsets.ISO_8859_1));
                    }
                    seen.add(what);
                    answer.accept(client, what);
                }));
        return server.listen(0, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }
}
