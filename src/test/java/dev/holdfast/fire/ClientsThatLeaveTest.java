package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.fire.Leaver.Moment;
import dev.holdfast.testkit.OwnServer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thousand clients at a time that go away whenever they like: queued, connecting, running, reading. */
@QuarkusTest
@TestProfile(UnderFire.class)
class ClientsThatLeaveTest {

    private static final int CLIENTS = 1_000;
    private static final int SPREAD_MILLIS = 400;

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private final Vertx vertx = Vertx.vertx();
    // Little is on its way to who does not read.
    private final NetClient net = vertx.createNetClient(new NetClientOptions().setReceiveBufferSize(16 * 1024));
    private SplittableRandom random;
    private SlowConversations slow;
    private String longConversation;

    /** One page of that conversation is too much for any buffer. */
    @BeforeEach
    void prepare() {
        random = Seed.random(this);
        slow = new SlowConversations(database.database());
        longConversation = newConversation();
        String item = "{\"role\":\"user\",\"content\":\"" + "x".repeat(200_000) + "\"}";
        api().body("{\"items\":[" + String.join(",", Collections.nCopies(8, item)) + "]}")
                .post("/v1/conversations/{id}/items", longConversation)
                .then()
                .statusCode(200);
    }

    @AfterEach
    void mend() throws Exception {
        database.proxy().forward();
        slow.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void leaveNoSlotTaken() throws Exception {
        leaveNoSlotTaken(3);
    }

    @Test
    @Tag("fire")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void leaveNoSlotTakenFiftyTimes() throws Exception {
        leaveNoSlotTaken(50);
    }

    private void leaveNoSlotTaken(int rounds) throws Exception {
        long startedAt = System.nanoTime();
        PoolFigures first = pool.figures();
        int cutShort = 0;
        for (int round = 0; round < rounds; round++) {
            cutShort += round();
            Rest.of(pool, monitor, database);
        }
        PoolFigures last = pool.figures();
        System.out.printf(
                "%d rounds in %d ms: %d asked, %d acquired, %d cancelled, %d rejected, %d connections opened, %d closed,"
                        + " %d answers cut short%n",
                rounds,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt),
                last.asked() - first.asked(),
                last.acquired() - first.acquired(),
                last.cancelled() - first.cancelled(),
                last.rejected() - first.rejected(),
                last.opened() - first.opened(),
                last.closed() - first.closed(),
                cutShort);
        assertThat(last.cancelled() - first.cancelled())
                .as("left while they waited")
                .isPositive();
        assertThat(last.closed() - first.closed() - last.dropped() + first.dropped())
                .as("connections ended because of who left while a statement ran")
                .isPositive();
        assertThat(cutShort).as("left while they read").isPositive();
    }

    /** One round of clients; returns how many answers were cut short. */
    private int round() throws Exception {
        // All connections have to be made anew, and that takes a while.
        database.proxy().hangUp();
        database.proxy().delay(Duration.ofMillis(3));
        List<Leaver> reading = new ArrayList<>();
        List<Leaver> staying = new ArrayList<>();
        List<CompletableFuture<Buffer>> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Moment moment = i % 20 == 0 ? Moment.NEVER : i % 20 == 1 ? Moment.READING : Moment.WAITING;
            boolean read = moment == Moment.READING;
            Leaver leaver = new Leaver(vertx, moment, 1 + random.nextInt(SPREAD_MILLIS / 2));
            if (moment != Moment.WAITING) {
                (read ? reading : staying).add(leaver);
            }
            all.add(leaver.over);
            String path = "/v1/conversations" + (read ? "/" + longConversation + "/items" : "");
            String body = read ? null : SlowConversations.taking(seconds(i));
            vertx.setTimer(1 + random.nextInt(SPREAD_MILLIS), id -> leaver.send(net, RestAssured.port, path, body));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        database.proxy().delay(Duration.ZERO);
        for (Leaver leaver : staying) {
            String answer = leaver.over.get().toString();
            assertThat(answer).containsAnyOf("HTTP/1.1 200", "\"code\":\"project_share_exceeded\"");
        }
        return (int) reading.stream()
                .filter(leaver -> isCutShort(leaver.over.join()))
                .count();
    }

    /** Most statements end by themselves within the time that one whose client has left is given; some do not. */
    private static double seconds(int client) {
        return client % 10 == 3 ? 0.3 : 0.01;
    }

    private static boolean isCutShort(Buffer read) {
        return read.length() > 0 && read.length() < 1_000_000 && read.toString().startsWith("HTTP/1.1 200");
    }
}
