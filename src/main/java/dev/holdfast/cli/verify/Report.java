package dev.holdfast.cli.verify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** All findings, written out. */
final class Report {

    /** Rises when a field is taken away or changes its meaning; not when one is added. */
    private static final int SCHEMA = 1;

    private static final int WIDTH = 120;
    private static final int SEVERITY = 9;
    private static final int LONGEST_KEY = 40;

    private static final List<IStyle> PLAIN = List.of();

    private final List<Finding> findings;
    private final boolean fit;

    /** @param fit what the exit code will say */
    Report(List<Finding> findings, boolean fit) {
        this.findings = findings;
        this.fit = fit;
    }

    private long count(Severity severity) {
        return findings.stream().filter(f -> f.severity() == severity).count();
    }

    String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA).put("ok", fit);
        for (Severity severity : Severity.values()) {
            root.put(severity.text() + "s", count(severity));
        }
        ArrayNode list = root.putArray("findings");
        for (Finding finding : findings) {
            list.addObject()
                    .put("check", finding.check())
                    .put("key", finding.key())
                    .put("severity", finding.severity().text())
                    .put("why", finding.why())
                    .put("mend", finding.mend());
        }
        return root.toPrettyString();
    }

    String table(Ansi ansi) {
        ColorScheme colours = new ColorScheme.Builder(ansi).build();
        int key = Math.min(
                LONGEST_KEY,
                findings.stream().mapToInt(f -> f.key().length()).max().orElse(0));
        TextTable table = TextTable.forColumns(
                colours,
                new Column(SEVERITY, 0, Column.Overflow.WRAP),
                new Column(key + 2, 0, Column.Overflow.WRAP),
                new Column(WIDTH - SEVERITY - key - 2, 0, Column.Overflow.WRAP));
        for (Finding finding : findings) {
            row(table, colours, finding.severity().text(), style(finding), finding.key(), finding.why());
            if (!finding.mend().isEmpty()) {
                row(table, colours, "", PLAIN, "", "-> " + finding.mend());
            }
        }
        return table.toString() + System.lineSeparator() + summary();
    }

    private static List<IStyle> style(Finding finding) {
        return switch (finding.severity()) {
            case ERROR -> List.of(Style.bold, Style.fg_red);
            case WARNING -> List.of(Style.fg_yellow);
            case INFO -> PLAIN;
        };
    }

    /** None of the texts is read as picocli's markup. */
    private static void row(
            TextTable table, ColorScheme colours, String severity, List<IStyle> style, String key, String text) {
        table.addRowValues(colours.apply(severity, style), colours.apply(key, PLAIN), colours.apply(text, PLAIN));
    }

    private String summary() {
        return count(Severity.ERROR) + " error(s), " + count(Severity.WARNING) + " warning(s), " + count(Severity.INFO)
                + " for information: " + (fit ? "fit to run." : "not fit to run.");
    }
}
