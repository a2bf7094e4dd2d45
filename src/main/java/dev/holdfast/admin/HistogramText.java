package dev.holdfast.admin;

import dev.holdfast.db.Buckets;
import java.util.List;

/** Histograms in Prometheus' text format, version 0.0.4. */
final class HistogramText {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder(16 * 1024);

    /** Begins a family; its series must follow before the next one begins. */
    HistogramText family(String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" histogram\n");
        return this;
    }

    /** @param labels names and values in turn */
    HistogramText series(String name, Buckets.View view, String... labels) {
        String given = labels(labels);
        List<Long> cumulative = view.cumulative();
        for (int i = 0; i < cumulative.size(); i++) {
            String le = i < Buckets.BOUNDS.size() ? Buckets.BOUNDS.get(i) : "+Inf";
            line(name + "_bucket", given + (given.isEmpty() ? "" : ",") + "le=\"" + le + '"', cumulative.get(i));
        }
        line(name + "_sum", given, view.sumSeconds());
        line(name + "_count", given, view.count());
        return this;
    }

    private void line(String name, String labels, Number value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(value).append('\n');
    }

    private static String labels(String... namesAndValues) {
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.append(i == 0 ? "" : ",")
                    .append(namesAndValues[i])
                    .append("=\"")
                    .append(escaped(namesAndValues[i + 1]))
                    .append('"');
        }
        return labels.toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
