package dev.holdfast.problem;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many error answers of each code there have been since the start. */
@SuppressWarnings("EnumOrdinal") // of one JVM, and never stored
public final class ErrorCounts {

    private static final AtomicLongArray COUNTS = new AtomicLongArray(ErrorCode.values().length);

    private ErrorCounts() {}

    static void count(ErrorCode code) {
        COUNTS.incrementAndGet(code.ordinal());
    }

    public static long of(ErrorCode code) {
        return COUNTS.get(code.ordinal());
    }

    /** Those that there have been. */
    public static Map<String, Long> byCode() {
        Map<String, Long> counts = new TreeMap<>();
        for (ErrorCode code : ErrorCode.values()) {
            if (of(code) > 0) {
                counts.put(code.code(), of(code));
            }
        }
        return counts;
    }
}
