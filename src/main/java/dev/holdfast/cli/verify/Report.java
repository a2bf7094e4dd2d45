package dev.holdfast.cli.verify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** All findings, written out. */
final class Report {

    /** Rises when a field is taken away or changes its meaning; not when one is added. */
    private static final int SCHEMA = 1;

    private static final int WIDTH = 120;

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
        int key = findings.stream().mapToInt(f -> f.key().length()).max().orElse(0);
        TextTable table = TextTable.forColumns(
                new ColorScheme.Builder(ansi).build(),
                new Column(9, 0, Column.Overflow.WRAP),
                new Column(Math.min(key, 40) + 2, 0, Column.Overflow.WRAP),
                new Column(WIDTH - 11 - Math.min(key, 40), 0, Column.Overflow.WRAP));
        for (Finding finding : findings) {
            table.addRowValues(
                    styled(ansi, finding.severity()), plain(ansi, finding.key()), plain(ansi, finding.why()));
            if (!finding.mend().isEmpty()) {
                table.addRowValues(plain(ansi, ""), plain(ansi, ""), plain(ansi, "-> " + finding.mend()));
            }
        }
        return table.toString() + System.lineSeparator() + summary();
    }

    private String summary() {
        return count(Severity.ERROR) + " error(s), " + count(Severity.WARNING) + " warning(s), " + count(Severity.INFO)
                + " for information: " + (fit ? "fit to run." : "not fit to run.");
    }

    private static Text styled(Ansi ansi, Severity severity) {
        IStyle[] styles = switch (severity) {
            case ERROR -> new IStyle[] {Style.bold, Style.fg_red};
            case WARNING -> new IStyle[] {Style.fg_yellow};
            case INFO -> new IStyle[0];
        };
        return ansi.apply(severity.text(), List.of(styles));
    }

    /** Not read as picocli's markup. */
    private static Text plain(Ansi ansi, String text) {
        return ansi.apply(text, List.of());
    }
}
