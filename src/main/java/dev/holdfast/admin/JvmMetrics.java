package dev.holdfast.admin;

import static dev.holdfast.admin.MetricsText.Type.COUNTER;
import static dev.holdfast.admin.MetricsText.Type.GAUGE;
import static dev.holdfast.admin.MetricsText.Type.SUMMARY;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the process uses, under the names that Prometheus' own client for Java gives it. */
final class JvmMetrics {

    private static final double MILLIS = TimeUnit.SECONDS.toMillis(1);
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private JvmMetrics() {}

    static void write(MetricsText text) {
        memory(text, ManagementFactory.getMemoryMXBean());
        collections(text, ManagementFactory.getGarbageCollectorMXBeans());
        threads(text, ManagementFactory.getThreadMXBean());
        text.family(GAUGE, "process_start_time_seconds", "When the process was started, in seconds since 1970")
                .sample(
                        "process_start_time_seconds",
                        ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            process(text, system);
        }
    }

    private static void memory(MetricsText text, MemoryMXBean memory) {
        MemoryUsage heap = memory.getHeapMemoryUsage();
        MemoryUsage rest = memory.getNonHeapMemoryUsage();
        text.family(GAUGE, "jvm_memory_used_bytes", "Memory in use, garbage included")
                .sample("jvm_memory_used_bytes", heap.getUsed(), "area", "heap")
                .sample("jvm_memory_used_bytes", rest.getUsed(), "area", "nonheap")
                .family(GAUGE, "jvm_memory_committed_bytes", "Memory taken from the operating system")
                .sample("jvm_memory_committed_bytes", heap.getCommitted(), "area", "heap")
                .sample("jvm_memory_committed_bytes", rest.getCommitted(), "area", "nonheap")
                // The rest has no limit unless it is given one; the JVM then says -1.
                .family(GAUGE, "jvm_memory_max_bytes", "Most memory that may be used")
                .sample("jvm_memory_max_bytes", heap.getMax(), "area", "heap");
    }

    private static void collections(MetricsText text, List<GarbageCollectorMXBean> collectors) {
        text.family(SUMMARY, "jvm_gc_collection_seconds", "Time spent in garbage collections");
        for (GarbageCollectorMXBean collector : collectors) {
            text.sample("jvm_gc_collection_seconds_count", collector.getCollectionCount(), "gc", collector.getName())
                    .sample(
                            "jvm_gc_collection_seconds_sum",
                            collector.getCollectionTime() / MILLIS,
                            "gc",
                            collector.getName());
        }
    }

    private static void threads(MetricsText text, ThreadMXBean threads) {
        text.family(GAUGE, "jvm_threads_current", "Live threads, daemons included")
                .sample("jvm_threads_current", threads.getThreadCount())
                .family(GAUGE, "jvm_threads_peak", "Most live threads since the start")
                .sample("jvm_threads_peak", threads.getPeakThreadCount());
    }

    private static void process(MetricsText text, UnixOperatingSystemMXBean system) {
        text.family(COUNTER, "process_cpu_seconds_total", "Processor time, user and system together")
                .sample("process_cpu_seconds_total", system.getProcessCpuTime() / NANOS)
                .family(GAUGE, "process_open_fds", "Open file descriptors, sockets included")
                .sample("process_open_fds", system.getOpenFileDescriptorCount())
                .family(GAUGE, "process_max_fds", "Most open file descriptors")
                .sample("process_max_fds", system.getMaxFileDescriptorCount());
    }
}
