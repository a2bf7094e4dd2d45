package dev.holdfast.admin;

import dev.holdfast.db.Buckets;
import java.util.List;
import java.util.Locale;

/** Metrics in Prometheus' text format, version 0.0.4. */
final class MetricsText {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        SUMMARY
    }

    private final StringBuilder text = new StringBuilder(32 * 1024);

    /** Begins a family; its samples must follow before the next one begins. */
    MetricsText family(Type type, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ")
                .append(name)
                .append(' ')
                .append(type.name().toLowerCase(Locale.ROOT))
                .append('\n');
        return this;
    }

    /** @param labels names and values in turn */
    MetricsText sample(String name, Number value, String... labels) {
        line(name, labels(labels), value);
        return this;
    }

    /** All samples of one series of a histogram; {@code labels} as in {@link #sample}. */
    MetricsText histogram(String name, Buckets.View view, String... labels) {
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

    /** Takes over families that are in this format already. */
    MetricsText append(CharSequence families) {
        text.append(families);
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
