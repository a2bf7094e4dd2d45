package dev.holdfast.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The service's memory, by the process' number on this machine.
 *
 * @param liveBytes what a full collection leaves of the heap
 * @param residentBytes what the process has of the machine's memory
 */
record Memory(long liveBytes, long residentBytes) {

    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    private static final int KIB = 1024;

    /**
     * As often as HotSpot's serial collector needs to be asked until one full collection has moved everything together: the
     * others leave up to a twentieth of the heap where it died ({@code MarkSweepDeadRatio},
     * {@code MarkSweepAlwaysCompactCount}).
     */
    private static final int COLLECTIONS = 4;

    /** Collects garbage, as often as it takes; what counts is what is alive at that very moment, however busy the service is. */
    static Memory of(long pid) throws IOException, InterruptedException {
        long live = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            live = Math.min(live, afterCollection(pid));
        }
        return new Memory(live, resident(pid, "VmRSS"));
    }

    private static long afterCollection(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher total = TOTAL.matcher(output);
        if (jcmd.waitFor() != 0 || !total.find()) {
            throw new IOException(
                    "jcmd " + pid + ": " + output.lines().findFirst().orElse("says nothing"));
        }
        return Long.parseLong(total.group(1));
    }

    /** The most that the process has had since its start. */
    static long peakBytes(long pid) throws IOException {
        return resident(pid, "VmHWM");
    }

    private static long resident(long pid, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
            }
        }
        throw new IOException("/proc has no " + name);
    }
}
