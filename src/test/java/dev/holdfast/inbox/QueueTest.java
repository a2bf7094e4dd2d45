package dev.holdfast.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.conversation.SenderAppend;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Replica;
import dev.holdfast.db.Ticket;
import dev.holdfast.inbox.Queue.Held;
import dev.holdfast.testkit.Parallel;
import dev.holdfast.testkit.TestDatabase;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The queue's statements by themselves: two replicas, and no workers that would take what a test wants. */
class QueueTest {

    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration LAPSED = Duration.ZERO;

    private final TestDatabase database = TestDatabase.newDatabase();
    private final Replica one = new Replica(database, Duration.ofMinutes(1));
    private final Replica two = new Replica(database, Duration.ofMinutes(1));
    private final Queue queue = new Queue(one.database());
    private final Queue other = new Queue(two.database());
    private final InboxRepository inbox = new InboxRepository(one.database());

    @AfterEach
    void close() {
        one.close();
        two.close();
        database.close();
    }

    private static Ticket ticket(String project) {
        return new Ticket(project, Deadline.in(Duration.ofSeconds(30)));
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }

    private String accept(String project, String sender, String text) {
        return accept(project, sender, text, "msg_" + UUID.randomUUID());
    }

    private String accept(String project, String sender, String text, String itemId) {
        byte[] body = Inbox.message(sender, text, itemId).getBytes(StandardCharsets.UTF_8);
        String id = "inm_" + UUID.randomUUID().toString().replace("-", "");
        InboxRepository.Arrival arrival = new InboxRepository.Arrival(
                id,
                "source",
                Message.read(body, 0),
                null,
                new byte[32],
                Instant.now().truncatedTo(ChronoUnit.MICROS));
        get(inbox.accept(ticket(project), arrival, false, null, ""));
        return id;
    }

    private Queue.Claim claim(Queue by, String after, int most, Duration lease) {
        return get(by.claim(ticket("(test)"), after, most, lease));
    }

    private Held claimOne(Queue by, Duration lease) {
        return claim(by, "", 1, lease).held().get(0);
    }

    private int deliver(Queue by, Held held, int most) {
        return get(by.deliver(ticket("(test)"), held, SenderAppend.newConversationId(1), most, null, false));
    }

    private List<String> texts(String sender) {
        return Inbox.texts(database, sender);
    }

    private long senders(String condition) {
        return database.value(Long.class, "SELECT count(*) FROM inbox_senders WHERE " + condition);
    }

    @Test
    void nothingDueIsClaimedByNobody() {
        assertThat(claim(queue, "", 5, LEASE)).isEqualTo(new Queue.Claim(null, List.of()));
    }

    @Test
    void aSenderIsClaimedByOneUntilHisLeaseLapses() {
        accept("p", "a", "1");
        Held held = claimOne(queue, LEASE);
        assertThat(claim(other, "", 1, LEASE).held()).isEmpty();

        get(queue.release(ticket("(test)"), held, Duration.ZERO));

        assertThat(claimOne(other, LAPSED).sender()).isEqualTo("a");
        assertThat(claimOne(queue, LEASE).sender()).isEqualTo("a");
    }

    @Test
    void projectsTakeTurns() {
        IntStream.range(0, 3).forEach(i -> accept("p1", "a" + i, "x"));
        accept("p2", "b", "x");
        accept("p3", "c", "x");

        List<String> turns = new ArrayList<>();
        String last = "";
        for (int i = 0; i < 5; i++) {
            Queue.Claim claim = claim(queue, last, 1, LEASE);
            last = claim.project();
            turns.add(last);
        }

        assertThat(turns).containsExactly("p1", "p2", "p3", "p1", "p1");
    }

    @Test
    void whoeverComesWithALapsedClaimDoesNothing() {
        accept("p", "a", "1");
        Held lapsed = claimOne(queue, LAPSED);
        Held held = claimOne(other, LEASE);

        assertThat(deliver(queue, lapsed, 10)).isZero();
        assertThat(get(queue.fail(ticket("(test)"), lapsed, "inm_x", "reason", true, Duration.ZERO)))
                .isFalse();
        get(queue.release(ticket("(test)"), lapsed, Duration.ZERO));
        assertThat(senders("claim IS NOT NULL")).isEqualTo(1);
        assertThat(deliver(other, held, 10)).isEqualTo(1);
        assertThat(texts("a")).containsExactly("1");
    }

    @Test
    void aBatchIsDeliveredInOrderAndTheRestIsDueAtOnce() {
        IntStream.range(0, 5).forEach(i -> accept("p", "a", "n" + i));

        assertThat(deliver(queue, claimOne(queue, LEASE), 3)).isEqualTo(3);
        assertThat(texts("a")).containsExactly("n0", "n1", "n2");
        assertThat(senders("waiting = 2 AND claim IS NULL AND due_at <= now()")).isEqualTo(1);
        assertThat(deliver(other, claimOne(other, LEASE), 3)).isEqualTo(2);

        assertThat(texts("a")).containsExactly("n0", "n1", "n2", "n3", "n4");
        assertThat(senders("true")).isZero();
    }

    @Test
    void aFailedBatchLeavesNothingBehindAndTheBlameIsOnOneMessage() {
        accept("p", "a", "good");
        String bad = accept("p", "a", "bad", "same");
        String last = accept("p", "a", "last", "same");
        Held held = claimOne(queue, LEASE);

        assertThat(queue.deliver(ticket("(test)"), held, SenderAppend.newConversationId(1), 10, null, false)
                        .map(n -> "")
                        .onFailure()
                        .recoverWithItem(e -> "failed")
                        .await()
                        .atMost(Duration.ofSeconds(30)))
                .isEqualTo("failed");
        assertThat(texts("a")).isEmpty();
        String first = get(queue.first(ticket("(test)"), held));
        assertThat(get(queue.deliver(ticket("(test)"), held, SenderAppend.newConversationId(1), 1, first, true)))
                .isEqualTo(1);
        assertThat(get(queue.first(ticket("(test)"), held))).isEqualTo(bad);
        assertThat(get(queue.deliver(ticket("(test)"), held, SenderAppend.newConversationId(1), 1, bad, true)))
                .isEqualTo(1);
        assertThat(get(queue.fail(ticket("(test)"), held, last, "why", true, Duration.ZERO)))
                .isTrue();

        assertThat(texts("a")).containsExactly("good", "bad");
        assertThat(senders("true")).isZero();
        assertThat(database.value(String.class, "SELECT reason FROM inbox_messages WHERE state = 'dead'"))
                .isEqualTo("why");
    }

    @Test
    void aFailureThatIsNotTheLastPutsTheSenderOff() {
        String message = accept("p", "a", "1");
        Held held = claimOne(queue, LEASE);

        get(queue.fail(ticket("(test)"), held, message, "why", false, Duration.ofMinutes(5)));

        assertThat(senders("claim IS NULL AND attempts = 1 AND due_at > now() + interval '4 min'"))
                .isEqualTo(1);
        assertThat(claim(queue, "", 1, LEASE).held()).isEmpty();
    }

    /** Leases that lapse at once: everybody has a claim on everything all the time. */
    @Test
    void whoeverWorksOnTheSameSenderAtTheSameTimeNothingIsDoubledOrOutOfOrder() throws Exception {
        int messages = 60;
        // Mutiny sets itself up at its first use, which must not be by several threads at once.
        assertThat(claim(queue, "", 1, LAPSED).held()).isEmpty();
        AtomicInteger delivered = new AtomicInteger();
        Parallel.run(8, i -> {
            if (i < 2) {
                IntStream.range(0, messages).forEach(n -> accept("p", "s" + i, "n" + n));
                return null;
            }
            while (delivered.get() < 2 * messages) {
                Queue by = i % 2 == 0 ? queue : other;
                for (Held held : claim(by, "", 2, LAPSED).held()) {
                    delivered.addAndGet(deliver(by, held, 7));
                }
            }
            return null;
        });

        List<String> expected =
                IntStream.range(0, messages).mapToObj(n -> "n" + n).toList();
        assertThat(texts("s0")).isEqualTo(expected);
        assertThat(texts("s1")).isEqualTo(expected);
        assertThat(senders("true")).isZero();
        assertThat(delivered).hasValue(2 * messages);
    }
}
