package dev.holdfast.conversation;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From the text of twenty rows, as it comes from PostgreSQL, to the bytes of a page: decoding as the driver does it, and
 * putting the answer together.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class PageBenchmark {

    private static final int ROWS = 20;

    /** Strings of Latin letters take half the memory, and another way to UTF-8. */
    @Param({"latin", "cyrillic"})
    public String script;

    private final List<byte[]> ids = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();

    @Setup
    public void make() {
        String words = script.equals("latin") ? "the pool is full " : "пул уже полон ";
        for (int i = 0; i < ROWS; i++) {
            String id = "msg_%032x".formatted(i);
            ids.add(id.getBytes(StandardCharsets.UTF_8));
            bodies.add(("{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\""
                            + words.repeat(16)
                            + "\"}],\"id\":\"" + id + "\",\"status\":\"completed\"}")
                    .getBytes(StandardCharsets.UTF_8));
        }
    }

    @Benchmark
    public Buffer pageOfTwenty() {
        List<ItemRow> rows = new ArrayList<>(ROWS);
        for (int i = 0; i < ROWS; i++) {
            rows.add(new ItemRow(text(ids.get(i)), text(bodies.get(i))));
        }
        return Json.items(rows, true);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
