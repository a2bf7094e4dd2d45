package dev.holdfast.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.OperationFigures;
import dev.holdfast.db.Ticket;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Messages that come while others are being committed are committed together. */
@QuarkusTest
class ArrivalsTest {

    private static final int MESSAGES = 200;

    @Inject
    Arrivals arrivals;

    @Inject
    Database db;

    private static InboxRepository.Arrival arrival(String sender, int n, String senderMessageId) {
        return new InboxRepository.Arrival(
                "inm_" + UUID.randomUUID().toString().replace("-", ""),
                "source",
                Message.read(
                        Inbox.message(sender, "n" + n, "msg_" + UUID.randomUUID())
                                .getBytes(StandardCharsets.UTF_8),
                        0),
                senderMessageId,
                new byte[32],
                Instant.now().truncatedTo(ChronoUnit.MICROS));
    }

    private long statements() {
        OperationFigures.View view = db.operations().get("inbox.accept");
        return view == null ? 0 : view.succeeded();
    }

    private List<CompletableFuture<InboxRepository.Before>> acceptAll(List<InboxRepository.Arrival> all) {
        Ticket ticket = new Ticket("default", Deadline.in(Duration.ofSeconds(30)));
        return all.stream()
                .map(one -> arrivals.accept(ticket, one).subscribeAsCompletionStage())
                .toList();
    }

    @Test
    void manyAtOnceTakeFewStatements() {
        String sender = "s-" + UUID.randomUUID();
        List<InboxRepository.Arrival> all = IntStream.range(0, MESSAGES)
                .mapToObj(n -> arrival(sender, n, null))
                .toList();
        long before = statements();

        acceptAll(all).forEach(CompletableFuture::join);

        assertThat(statements() - before).isBetween((long) MESSAGES / 50, (long) MESSAGES / 4);
        List<String> expected =
                IntStream.range(0, MESSAGES).mapToObj(n -> "n" + n).toList();
        // Two statements are under way at a time: which of them comes first is open, as for two requests.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(Inbox.texts(TestDatabase.shared(), sender))
                        .containsExactlyInAnyOrderElementsOf(expected));
    }

    @Test
    void oneThatIsThereAlreadyIsNotTheOthersFailure() {
        String sender = "s-" + UUID.randomUUID();
        List<InboxRepository.Arrival> all = IntStream.range(0, 40)
                .mapToObj(n -> arrival(sender, n, "m-" + n % 39))
                .toList();

        List<CompletableFuture<InboxRepository.Before>> accepted = acceptAll(all);

        assertThat(accepted.stream().map(CompletableFuture::join).filter(b -> b != null))
                .as("whoever comes second learns of the first")
                .hasSize(1);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(Inbox.texts(TestDatabase.shared(), sender))
                        .hasSize(39)
                        .doesNotHaveDuplicates());
    }
}
