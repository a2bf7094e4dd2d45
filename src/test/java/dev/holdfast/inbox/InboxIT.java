package dev.holdfast.inbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.testkit.Backlog;
import dev.holdfast.testkit.PackagedService;
import dev.holdfast.testkit.PostgresServer;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas of the packaged service on one PostgreSQL. They are killed while they hold senders, and started again; PostgreSQL
 * is killed too. Senders sign their messages, send each until it is accepted, by whichever replica lives, and then the next.
 */
class InboxIT {

    private static final int THREADS = 24;
    private static final int SIGTERM = 128 + 15;

    @TempDir
    Path directory;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicReferenceArray<PackagedService> replicas = new AtomicReferenceArray<>(2);
    private final AtomicInteger acceptedSoFar = new AtomicInteger();
    private final String keyset = Keyset.generate();
    private PostgresServer server;
    private TestDatabase database;
    private String secret;

    @BeforeEach
    void start() throws Exception {
        server = PostgresServer.start(Map.of());
        database = server.administration().beside(true);
        // A delivery takes a while: whoever is killed is in the middle of some.
        database.execute("""
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $$;
                CREATE TRIGGER slow AFTER INSERT ON items FOR EACH STATEMENT EXECUTE FUNCTION slow()
                """);
        for (int i = 0; i < replicas.length(); i++) {
            replicas.set(i, newReplica());
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            var made = replicas.get(0).admin().body("{\"id\":\"storm\"}").post(Inbox.SOURCES);
            secret = made.statusCode() == 200 ? made.path("secret") : null;
            return secret != null;
        });
    }

    @AfterEach
    void stop() {
        for (int i = 0; i < replicas.length(); i++) {
            replicas.get(i).close();
        }
        database.close();
        server.close();
    }

    private PackagedService newReplica() throws IOException {
        return PackagedService.serving(
                directory,
                Map.of(
                        "DATABASE_URL",
                        database.url(),
                        "DB_CONNECTION_LIMIT",
                        "12",
                        "HOLDFAST_KEYSET",
                        keyset,
                        "HOLDFAST_INBOX_LEASE",
                        "2s",
                        // The backlog's ids are those of messages that are long past.
                        "HOLDFAST_INBOX_PURGE_INTERVAL",
                        "1h",
                        "QUARKUS_SHUTDOWN_DELAY",
                        "1s"));
    }

    @Test
    void messagesEndInTheirConversationsExactlyOnceAndInOrder() throws Exception {
        storm(50, 20, 2, 1);
    }

    @Test
    @Tag("fire")
    @Tag("nightly")
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void twentyThousandMessagesOfFiveHundredSendersDoToo() throws Exception {
        storm(500, 40, 8, 3);
    }

    @Test
    void replicasThatAreToldToStopLeaveNothingClaimed() throws Exception {
        Backlog.make(database, 400, 40);
        await().until(() -> done() > 500);

        for (int i = 0; i < replicas.length(); i++) {
            replicas.get(i).terminate();
        }
        for (int i = 0; i < replicas.length(); i++) {
            assertThat(replicas.get(i).exitCode()).isEqualTo(SIGTERM);
            assertThat(replicas.get(i).output()).doesNotContain("ERROR", "can't be delivered");
        }

        assertThat(claimed()).isZero();
        assertThat(done()).as("delivered when they stopped").isLessThan(16_000);
        replicas.set(0, newReplica());
        awaitDelivery();
        assertDelivered(400, 40);
    }

    private long done() {
        return database.value(Long.class, "SELECT count(*) FROM inbox_messages WHERE state = 'done'");
    }

    /**
     * @param kills how often a replica is killed in the course of it
     * @param crashes how often PostgreSQL is
     */
    private void storm(int senders, int each, int kills, int crashes) throws Exception {
        long startedAt = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<CompletableFuture<Void>> sending = send(threads, senders, each);
        int strikes = kills + crashes;
        int killedHolding = 0;
        for (int i = 1; i <= strikes; i++) {
            int progress = senders * each * i / (strikes + 1);
            await().atMost(Duration.ofMinutes(5)).until(() -> acceptedSoFar.get() >= progress || anyFailed(sending));
            if (i % (strikes / crashes) == 0) {
                server.kill();
                server.start();
            } else {
                killedHolding += killAndStartAgain(i % replicas.length());
            }
        }
        for (CompletableFuture<Void> one : sending) {
            one.get(5, TimeUnit.MINUTES);
        }
        threads.shutdown();
        awaitDelivery();
        System.out.printf(
                "%d messages of %d senders in %d ms; %d replicas killed, %d of them holding senders, PostgreSQL %d times%n",
                senders * each,
                senders,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt),
                kills,
                killedHolding,
                crashes);
        assertThat(killedHolding).isPositive();
        assertDelivered(senders, each);
    }

    private static boolean anyFailed(List<CompletableFuture<Void>> sending) {
        return sending.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
    }

    /** Kills it at a moment when senders are claimed; whether any were left so, by it or by the other one. */
    private int killAndStartAgain(int replica) throws IOException {
        await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> claimed() > 0);
        replicas.get(replica).close();
        int left = claimed() > 0 ? 1 : 0;
        replicas.set(replica, newReplica());
        return left;
    }

    private long claimed() {
        return database.value(Long.class, "SELECT count(*) FROM inbox_senders WHERE claim IS NOT NULL");
    }

    private List<CompletableFuture<Void>> send(ExecutorService threads, int senders, int each) {
        List<CompletableFuture<Void>> sending = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int first = t;
            sending.add(CompletableFuture.runAsync(
                    () -> {
                        for (int n = 0; n < each; n++) {
                            for (int s = first; s < senders; s += THREADS) {
                                sendUntilAccepted("s" + s, n);
                            }
                        }
                    },
                    threads));
        }
        return sending;
    }

    private void sendUntilAccepted(String sender, int n) {
        String body = Inbox.message(sender, "n" + n);
        AtomicInteger tries = new AtomicInteger();
        await().pollDelay(Duration.ZERO)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .atMost(Duration.ofMinutes(2))
                .until(() -> post(tries.getAndIncrement() + n, sender + "-" + n, body) == 202);
        acceptedSoFar.incrementAndGet();
    }

    /** The status; 0 where there was no answer. */
    private int post(int to, String id, String body) throws InterruptedException {
        String now = Long.toString(Instant.now().getEpochSecond());
        byte[] mac = Signature.mac(secret, id, now, body.getBytes(UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:"
                        + replicas.get(to % replicas.length()).port() + "/v1/inbox/storm"))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .header("webhook-id", id)
                .header("webhook-timestamp", now)
                .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(mac))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException killed) {
            return 0;
        }
    }

    private void awaitDelivery() {
        await().atMost(Duration.ofMinutes(3))
                .until(() -> database.value(Long.class, "SELECT count(*) FROM inbox_senders") == 0);
    }

    private void assertDelivered(int senders, int each) {
        assertThat(database.value(Long.class, "SELECT count(*) FROM conversations"))
                .isEqualTo(senders);
        List<String> expected = IntStream.range(0, each).mapToObj(n -> "n" + n).toList();
        for (int s = 0; s < senders; s++) {
            assertThat(Inbox.texts(database, "s" + s)).isEqualTo(expected);
        }
        assertThat(done()).isEqualTo(senders * each);
    }
}
