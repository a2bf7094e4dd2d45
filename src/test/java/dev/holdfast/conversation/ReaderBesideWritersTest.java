package dev.holdfast.conversation;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ReaderBesideWritersTest {

    private static final int WRITERS = 4;
    private static final int APPENDS = 250;
    private static final int ITEMS = 20;

    @Test
    void aReaderWhoGoesForwardMissesNothingAndSeesNothingTwice() throws Exception {
        String id = newConversation();
        Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<String> seen;
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                int writer = w;
                writers.add(threads.submit(() -> write(id, writer, acknowledged)));
            }
            seen = read(id, writers);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(acknowledged).hasSize(WRITERS * APPENDS * ITEMS);
        assertThat(seen).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(acknowledged.keySet());
    }

    private static void write(String id, int writer, Map<String, Integer> acknowledged) {
        for (int a = 0; a < APPENDS; a++) {
            StringBuilder items = new StringBuilder();
            for (int i = 0; i < ITEMS; i++) {
                items.append(i == 0 ? "" : ",")
                        .append("{\"role\":\"user\",\"content\":\"")
                        .append(writer + "/" + a + "/" + i)
                        .append("\"}");
            }
            List<String> ids = api().body("{\"items\":[" + items + "]}")
                    .post("/v1/conversations/{id}/items", id)
                    .then()
                    .statusCode(200)
                    .extract()
                    .path("data.id");
            ids.forEach(item -> acknowledged.put(item, writer));
        }
    }

    /** Reads until a page has nothing more and no writer is left. */
    private static List<String> read(String id, List<Future<?>> writers) {
        List<String> seen = new ArrayList<>();
        String after = "";
        while (true) {
            boolean last = writers.stream().allMatch(Future::isDone);
            JsonPath page = api().get("/v1/conversations/" + id + "/items?order=asc&limit=100" + after)
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            List<String> ids = page.getList("data.id");
            seen.addAll(ids);
            if (!ids.isEmpty()) {
                after = "&after=" + ids.get(ids.size() - 1);
            } else if (last) {
                return seen;
            }
        }
    }
}
