package dev.holdfast.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DbException;
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
        InboxRepository.Arrival arrival = arrival(sender, text, itemId, null);
        get(inbox.accept(ticket(project), arrival, false, null, ""));
        return arrival.id();
    }

    private static InboxRepository.Arrival arrival(String sender, String text, String itemId, String senderMessageId) {
        return new InboxRepository.Arrival(
                "inm_" + UUID.randomUUID().toString().replace("-", ""),
                "source",
                Message.read(Inbox.message(sender, text, itemId).getBytes(StandardCharsets.UTF_8), 0),
                senderMessageId,
                new byte[32],
                Instant.now().truncatedTo(ChronoUnit.MICROS));
    }

    private Queue.Claim claim(Queue by, String after, int most, Duration lease) {
        return get(by.claim(ticket("(test)"), after, most, lease));
    }

    private Held claimOne(Queue by, Duration lease) {
        return claim(by, "", 1, lease).held().get(0);
    }

    private int deliver(Queue by, Held held, int most) {
        return get(by.deliver(ticket("(test)"), List.of(held), 1, most));
    }

    private List<String> texts(String sender) {
        return Inbox.texts(database, sender);
    }

    private long senders(String condition) {
        return database.value(Long.class, "SELECT count(*) FROM inbox_senders WHERE " + condition);
    }

    @Test
    void nothingDueIsClaimedByNobody() {
        assertThat(claim(queue, "", 5, LEASE)).isEqualTo(new Queue.Claim(null, List.of(), false));
    }

    @Test
    void aSenderIsClaimedByOneUntilHisLeaseLapses() {
        accept("p", "a", "1");
        Held held = claimOne(queue, LEASE);
        assertThat(claim(other, "", 1, LEASE).held()).isEmpty();

        get(queue.release(ticket("(test)"), List.of(held)));

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
        get(queue.release(ticket("(test)"), List.of(lapsed)));
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

    private List<String> senders(Queue.Claim claim) {
        return claim.held().stream().map(Held::sender).toList();
    }

    @Test
    void aClaimIsOfAsManySendersAsHaveNoMoreThanABatchTogether() {
        List.of("a", "a", "b", "c", "c", "d").forEach(sender -> accept("p", sender, "x"));
        database.execute(
                "UPDATE inbox_senders SET due_at = now() - interval '1 h' + ascii(external_id) * interval '1 s'");

        Queue.Claim first = claim(queue, "", 4, LEASE);
        Queue.Claim last = claim(queue, "", 4, LEASE);

        assertThat(senders(first)).containsExactlyInAnyOrder("a", "b");
        assertThat(first.more()).isTrue();
        assertThat(senders(last)).containsExactlyInAnyOrder("c", "d");
        assertThat(last.more()).isFalse();
    }

    @Test
    void whoHasMoreThanABatchIsClaimedAlone() {
        List.of("a", "a", "a", "b").forEach(sender -> accept("p", sender, "x"));

        assertThat(claim(queue, "", 2, LEASE).held()).hasSize(1);
        assertThat(claim(queue, "", 2, LEASE).held()).hasSize(1);
    }

    @Test
    void whoseMessageHasFailedIsClaimedAlone() {
        List.of("a", "b", "c").forEach(sender -> accept("p", sender, "x"));
        database.execute(
                "UPDATE inbox_senders SET attempts = 1, due_at = now() - interval '1 h' WHERE external_id = 'b'");

        assertThat(senders(claim(queue, "", 10, LEASE))).containsExactly("b");
        assertThat(senders(claim(queue, "", 10, LEASE))).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void anotherProjectsMessagesAreToldOf() {
        accept("p1", "a", "x");
        accept("p2", "b", "x");

        assertThat(claim(queue, "p1", 10, LEASE).more()).isTrue();
        assertThat(claim(queue, "p2", 10, LEASE).more()).isFalse();
    }

    @Test
    void severalSendersMessagesAreDeliveredTogether() {
        List.of("a", "b", "a", "c", "a").forEach(sender -> accept("p", sender, "x"));
        accept("p", "b", "last");

        assertThat(get(queue.deliver(
                        ticket("(test)"), claim(queue, "", 10, LEASE).held(), 1, 2)))
                .isEqualTo(5);

        assertThat(texts("a")).containsExactly("x", "x");
        assertThat(texts("b")).containsExactly("x", "last");
        assertThat(texts("c")).containsExactly("x");
        assertThat(senders("external_id = 'a' AND waiting = 1 AND claim IS NULL AND due_at <= now()"))
                .isEqualTo(1);
        assertThat(senders("true")).isEqualTo(1);
    }

    @Test
    void messagesThatAreAcceptedTogetherKeepTheirOrder() {
        List<InboxRepository.Arrival> all = IntStream.range(0, 30)
                .mapToObj(n -> arrival("s" + n % 3, "n" + n / 3, "msg_" + n, n % 2 == 0 ? null : "m" + n))
                .toList();

        get(inbox.acceptAll(ticket("p"), all, false));
        get(queue.deliver(ticket("(test)"), claim(queue, "", 100, LEASE).held(), 1, 100));

        List<String> expected = IntStream.range(0, 10).mapToObj(n -> "n" + n).toList();
        assertThat(List.of(texts("s0"), texts("s1"), texts("s2"))).containsOnly(expected);
        assertThat(senders("true")).isZero();
        assertThat(
                        database.value(
                                Long.class,
                                "SELECT count(*) FROM inbox_messages WHERE (sender_message_id IS NULL) = (item_ids[1] ~ '[02468]$')"))
                .isEqualTo(30);
    }

    @Test
    void ofMessagesThatAreAcceptedTogetherAllAreKeptOrNone() {
        get(inbox.acceptAll(ticket("p"), List.of(arrival("a", "1", "msg_1", "m1")), false));

        assertThat(inbox.acceptAll(
                                ticket("p"),
                                List.of(arrival("b", "1", "msg_1", "m2"), arrival("a", "1", "msg_1", "m1")),
                                false)
                        .map(done -> "")
                        .onFailure(DbException.class)
                        .recoverWithItem(e -> ((DbException) e).constraint())
                        .await()
                        .atMost(Duration.ofSeconds(30)))
                .isEqualTo("inbox_messages_sender_message_id");

        assertThat(senders("external_id = 'a' AND waiting = 1")).isEqualTo(1);
        assertThat(senders("true")).isEqualTo(1);
    }

    @Test
    void aFailedBatchLeavesNothingBehindAndTheBlameIsOnOneMessage() {
        accept("p", "a", "good");
        String bad = accept("p", "a", "bad", "same");
        String last = accept("p", "a", "last", "same");
        Held held = claimOne(queue, LEASE);

        assertThat(queue.deliver(ticket("(test)"), List.of(held), 1, 10)
                        .map(n -> "")
                        .onFailure()
                        .recoverWithItem(e -> "failed")
                        .await()
                        .atMost(Duration.ofSeconds(30)))
                .isEqualTo("failed");
        assertThat(texts("a")).isEmpty();
        String first = get(queue.first(ticket("(test)"), held));
        assertThat(get(queue.deliverOne(ticket("(test)"), held, 1, first))).isEqualTo(1);
        assertThat(get(queue.first(ticket("(test)"), held))).isEqualTo(bad);
        assertThat(get(queue.deliverOne(ticket("(test)"), held, 1, bad))).isEqualTo(1);
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
                List<Held> held = claim(by, "", 20, LAPSED).held();
                if (!held.isEmpty()) {
                    delivered.addAndGet(get(by.deliver(ticket("(test)"), held, 1, 7)));
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
