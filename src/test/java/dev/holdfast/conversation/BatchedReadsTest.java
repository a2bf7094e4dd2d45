package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.PageRequest;
import dev.holdfast.http.PageRequest.Order;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reads that come at the same time are done together, and answer what they answer alone. */
@QuarkusTest
class BatchedReadsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int TIMES = 20;

    @Inject
    Database db;

    @Inject
    ItemRepository items;

    @Inject
    ConversationRepository conversations;

    private static Ticket ticket() {
        return new Ticket("default", Deadline.in(LONG));
    }

    @Test
    void pagesInEitherDirectionFromAnywhere() {
        String small = newConversation();
        List<String> ids = append(small, 20, "hello ü€😀");
        String empty = newConversation();
        String large = newConversation();
        List<String> largeIds = append(large, 12, "x".repeat(1024 * 1024));
        List<Supplier<Uni<?>>> reads = new ArrayList<>();
        for (Order order : Order.values()) {
            for (boolean settings : new boolean[] {true, false}) {
                for (String after : new String[] {null, ids.get(0), ids.get(7), ids.get(19), "msg_unknown"}) {
                    for (int limit : new int[] {1, 7, 20}) {
                        PageRequest page = new PageRequest(limit, order, after);
                        reads.add(() -> items.list(ticket(), small, page, settings));
                    }
                }
            }
            PageRequest first = new PageRequest(20, order, null);
            reads.add(() -> items.list(ticket(), empty, first, false));
            reads.add(() -> items.list(ticket(), large, first, false));
            reads.add(() -> items.list(ticket(), large, new PageRequest(3, order, largeIds.get(5)), false));
            reads.add(() -> items.list(ticket(), "conv_unknown", first, false));
        }
        assertSameTogether(reads, 1);
    }

    @Test
    void conversations() {
        List<Supplier<Uni<?>>> reads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String id = api().body("{\"metadata\":{\"n\":\"" + i + "\"},\"expires_at\":" + (4_000_000_000L + i) + "}")
                    .post("/v1/conversations")
                    .path("id");
            reads.add(() -> conversations.get(ticket(), id));
        }
        reads.add(() -> conversations.get(ticket(), "conv_unknown"));
        String theirs = newConversation();
        reads.add(() -> conversations.get(new Ticket("another", "default", Deadline.in(LONG)), theirs));
        assertSameTogether(reads, TIMES);
    }

    private void assertSameTogether(List<Supplier<Uni<?>>> reads, int times) {
        List<Object> alone = new ArrayList<>();
        reads.forEach(read -> alone.add(read.get().await().atMost(LONG)));
        List<Integer> order = new ArrayList<>();
        IntStream.range(0, times)
                .forEach(i ->
                        order.addAll(IntStream.range(0, reads.size()).boxed().toList()));
        Collections.shuffle(order, new Random(7));
        long before = db.figures().batched();

        var asked = order.stream()
                .map(i -> reads.get(i).get().subscribeAsCompletionStage())
                .toList();

        for (int i = 0; i < order.size(); i++) {
            assertThat(asked.get(i).join()).as("read %d", order.get(i)).isEqualTo(alone.get(order.get(i)));
        }
        assertThat(db.figures().batched() - before).isPositive();
    }

    private static List<String> append(String conversation, int number, String text) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            ids.add(api().body(
                            "{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"" + i + text + "\"}]}")
                    .post("/v1/conversations/{c}/items", conversation)
                    .path("data[0].id"));
        }
        return ids;
    }
}
