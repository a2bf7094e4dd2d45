package dev.holdfast.conversation;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
 * From the bytes of twenty items, as they come from PostgreSQL, to those of a page: copied as the driver does it, and put
 * together.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class PageBenchmark {

    private static final int ROWS = 20;

    /** Texts of two bytes a letter must cost no more than others of their length. */
    @Param({"latin", "cyrillic"})
    public String script;

    private byte[] items = {};

    @Setup
    public void make() {
        String words = script.equals("latin") ? "the pool is full " : "пул уже полон ";
        items = IntStream.range(0, ROWS)
                .mapToObj(i ->
                        "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"%s\"}],\"id\":\"msg_%032x\"}"
                                .formatted(words.repeat(16), i))
                .collect(Collectors.joining(","))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Benchmark
    public Buffer pageOfTwenty() {
        return Json.items(new ItemPage(Buffer.buffer(items), "msg_1", "msg_20", true));
    }
}
