package dev.holdfast.testkit;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.conversations.items.ItemCreateParams;
import com.openai.models.responses.EasyInputMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Clients that append to conversations by OpenAI's own SDK with its own retries, each one message after the other, and
 * that know of every one what they were told. Several share a conversation.
 */
public final class Writers {

    /** How many clients one conversation has. */
    private static final int SHARING = 8;

    private final OpenAIClient sdk;
    private final boolean keyed;
    private final List<String> conversations;
    private final List<Writer> writers;
    private final AtomicInteger acknowledged = new AtomicInteger();

    /**
     * @param port of the service
     * @param keyed whether each append carries an idempotency key; otherwise an outcome can be unknown
     * @param retries how often the SDK tries again; 2 is what it does by itself
     */
    public Writers(int port, int clients, boolean keyed, int retries) {
        this.sdk = OpenAIOkHttpClient.builder()
                .baseUrl("http://localhost:" + port + "/v1")
                .apiKey(Api.KEY)
                .maxRetries(retries)
                .timeout(Duration.ofSeconds(60))
                .build();
        this.keyed = keyed;
        this.conversations = IntStream.range(0, (clients + SHARING - 1) / SHARING)
                .mapToObj(i -> sdk.conversations().create().id())
                .toList();
        this.writers = IntStream.range(0, clients).mapToObj(Writer::new).toList();
    }

    /** Has each client append so many messages; returns when all have, or fails as the first of them did. */
    public void append(int each) throws ExecutionException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(writers.size());
        try {
            List<? extends Future<?>> all = writers.stream()
                    .map(writer -> threads.submit(() -> writer.append(each)))
                    .toList();
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Messages that the service said it has, so far. */
    public int acknowledged() {
        return acknowledged.get();
    }

    /** Messages of which the service said that it does not know whether it has them. */
    public int unknown() {
        return writers.stream().mapToInt(writer -> writer.unknown.size()).sum();
    }

    /**
     * Compares what the clients know with what is there: every acknowledged message once, a client's in the order in
     * which it appended them, and beyond those only some of unknown outcome.
     *
     * @return what is wrong, in words; empty if nothing is
     */
    public List<String> discrepancies(TestDatabase database) {
        List<String> wrong = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (String conversation : conversations) {
            List<String> texts = StoredItems.texts(database, conversation);
            for (Writer writer : writers) {
                if (writer.conversation.equals(conversation)) {
                    known.addAll(writer.acknowledged);
                    known.addAll(writer.unknown);
                    writer.compare(texts, wrong);
                }
            }
            texts.stream().filter(text -> !known.contains(text)).forEach(text -> wrong.add("nobody appended " + text));
        }
        return wrong;
    }

    private final class Writer {

        private final String name;
        private final String conversation;
        private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<String> unknown = new ConcurrentLinkedQueue<>();
        private int appended;

        Writer(int number) {
            name = "writer " + number + ": ";
            conversation = conversations.get(number % conversations.size());
        }

        void append(int count) {
            for (int i = 0; i < count; i++) {
                append(name + appended++);
            }
        }

        private void append(String text) {
            ItemCreateParams.Builder request = ItemCreateParams.builder()
                    .addItem(EasyInputMessage.builder()
                            .role(EasyInputMessage.Role.USER)
                            .content(text)
                            .build());
            if (keyed) {
                request.putAdditionalHeader("Idempotency-Key", UUID.randomUUID().toString());
            }
            try {
                sdk.conversations().items().create(conversation, request.build());
                acknowledged.add(text);
                Writers.this.acknowledged.incrementAndGet();
            } catch (OpenAIServiceException e) {
                if (keyed || !e.code().equals(Optional.of("write_outcome_unknown"))) {
                    throw new IllegalStateException(text + " was refused: " + e.code() + " " + e.getMessage(), e);
                }
                unknown.add(text);
            }
        }

        private void compare(List<String> stored, List<String> wrong) {
            List<String> own =
                    stored.stream().filter(text -> text.startsWith(name)).toList();
            Set<String> once = new HashSet<>();
            own.stream().filter(text -> !once.add(text)).forEach(text -> wrong.add("there twice: " + text));
            acknowledged.stream().filter(text -> !once.contains(text)).forEach(text -> wrong.add("lost: " + text));
            List<String> inOrder =
                    own.stream().filter(acknowledged::contains).distinct().toList();
            List<String> there = acknowledged.stream().filter(once::contains).toList();
            if (!inOrder.equals(there)) {
                wrong.add("not in order: " + inOrder);
            }
        }
    }
}
