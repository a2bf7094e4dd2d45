package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Backlog;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.RawClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of conversations beside a flood of the inbox, of the same project. */
@QuarkusTest
@TestProfile(UnderFire.class)
class InboxFloodTest {

    private static final int READS_PER_SECOND = 50;
    private static final int SENDERS = 500;

    /** More than is delivered while the reads last. */
    private static final int BACKLOG = 120_000;

    private static final int WARM = 20;

    /** As many as leave this machine, which also sends them, some processor: what is measured is not to be how it runs out. */
    private static final int COMING_PER_SECOND = 400;

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private final LightClient client = new LightClient();

    @AfterEach
    void close() {
        client.close();
    }

    /**
     * First of messages that are accepted already, then of such that are just coming; both have been there before, so that what
     * is measured is not the compiler, which takes a whole processor for the first half minute. Asserts nothing: it prints.
     */
    @Test
    @Tag("measure")
    @Timeout(value = 6, unit = TimeUnit.MINUTES)
    void readsBesideAFloodAndWithoutOne() throws Exception {
        admin().body("{\"id\":\"flood\"}").post("/admin/inbox/sources").then().statusCode(200);
        String conversation = conversation();
        history();
        Backlog.make(database.database(), SENDERS, WARM);
        besideComing(conversation, 1_500);
        List<Load.Done> alone = measure(conversation, 2_000);

        Backlog.make(database.database(), SENDERS, BACKLOG / SENDERS, WARM);
        List<Load.Done> working = measure(conversation, 1_000);
        System.out.printf("Left of the backlog when the reads were done: %d%n", waiting());
        awaitDelivery();
        List<Load.Done> coming = besideComing(conversation, 1_000);
        Rest.of(pool, monitor, database);
        print("while a backlog of " + BACKLOG + " is delivered", alone, working);
        print("while " + COMING_PER_SECOND + " come and are delivered each second", alone, coming);
    }

    /** The service has been used before: tables that were empty a moment ago are planned for like small ones. */
    private void history() {
        database.database().execute("""
                INSERT INTO conversations (project_id, id, created_at, metadata, last_seq)
                SELECT 'default', 'conv_' || lpad(to_hex(g), 40, '0'), now(), '{}', 100 FROM generate_series(1, 1000) g;
                INSERT INTO items (project_id, conversation_id, seq, id, body)
                SELECT c.project_id, c.id, g, 'msg_' || g, '{"type":"message","role":"user","content":[{"text":"old"}]}'
                FROM conversations c, generate_series(1, 100) g WHERE c.last_seq = 100;
                INSERT INTO inbox_messages (project_id, id, source, external_id, fingerprint, state, item_ids, item_bodies,
                    received_at, finished_at)
                SELECT 'default', 'inm_' || lpad(to_hex(g), 44, '0'), 'flood', 'u' || g % 500, sha256('x'), 'done', '{}', '{}',
                    now(), now() FROM generate_series(1, 50000) g
                """);
        database.database().execute("VACUUM ANALYZE");
    }

    private List<Load.Done> besideComing(String conversation, int reads) throws Exception {
        List<Load.Done> coming;
        try (Load flood = Load.open(COMING_PER_SECOND, this::send)) {
            await().until(() -> flood.done().size() > 1_000);
            coming = measure(conversation, reads);
            System.out.println(
                    "The flood: " + flood.codes() + ", " + flood.unsent() + " unsent, " + waiting() + " waiting");
        }
        awaitDelivery();
        return coming;
    }

    private void awaitDelivery() {
        await().atMost(Duration.ofMinutes(2)).until(() -> waiting() == 0);
    }

    private static void print(String when, List<Load.Done> alone, List<Load.Done> beside) {
        for (double percent : new double[] {50, 95, 99}) {
            double before = Load.percentile(alone.stream(), percent);
            double during = Load.percentile(beside.stream(), percent);
            System.out.printf(
                    "Reads' p%.0f: %.1f ms alone, %.1f ms %s, %.2f times as much%n",
                    percent, before, during, when, during / before);
        }
    }

    private static String conversation() {
        String id = Api.newConversation();
        for (int i = 0; i < 20; i++) {
            api().body(Api.message("message " + i)).post("/v1/conversations/{c}/items", id);
        }
        return id;
    }

    private List<Load.Done> measure(String conversation, int reads) throws Exception {
        Load load = Load.open(READS_PER_SECOND, () -> client.get("/v1/conversations/" + conversation + "/items"));
        try (load) {
            await().atMost(Duration.ofMinutes(2)).until(() -> load.done().size() >= reads);
        }
        assertThat(load.codes().keySet()).containsExactly("");
        return load.done();
    }

    private CompletableFuture<RawClient.Answer> send() {
        String sender = "u" + ThreadLocalRandom.current().nextInt(SENDERS);
        return client.post(
                "/v1/inbox/flood",
                "{\"external_id\":\"" + sender + "\",\"items\":[{\"role\":\"user\",\"content\":\"flood\"}]}");
    }

    private long waiting() {
        return database.database().value(Long.class, "SELECT coalesce(sum(waiting), 0)::bigint FROM inbox_senders");
    }
}
