package dev.holdfast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A run as text and as a page, with Gatling's own report in it. */
record Report(Map<String, String> header, Outcome outcome) {

    private static final int ROWS = 30;
    private static final double NANOS = 1e9;

    private static final List<String> VERDICT = List.of("figure", "was", "target", "");
    private static final List<String> POOL = List.of(
            "from, s",
            "acquired/s",
            "most in use",
            "most waiting",
            "acquire p99, ms",
            "timeouts",
            "turned away",
            "dropped",
            "reconnects",
            "own page, ms");

    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Holdfast under load</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; margin: 1rem 0; }
            th, td { border: 1px solid #8884; padding: .25rem .6rem; text-align: left; font-variant-numeric: tabular-nums; }
            .missed { background: #c002; font-weight: bold; }
            iframe { width: 100%%; height: 60rem; border: 1px solid #8884; }
            </style>
            </head>
            <body>
            <h1>Holdfast under load</h1>
            %s
            <h2>Targets</h2>
            %s
            <h2>The pool</h2>
            <p>Sampled ten times a second. A percentile is pool-status' own, of the one to two minutes before, so the first rows
            know of the warm-up. The last column is the slowest page that the suite asked for itself.</p>
            %s
            %s
            </body>
            </html>
            """;

    /** For the console. */
    String text() {
        List<List<String>> all = new ArrayList<>(List.of(POOL));
        all.addAll(pool());
        String facts = header.entrySet().stream()
                .map(fact -> fact.getKey() + ": " + fact.getValue() + "\n")
                .collect(Collectors.joining());
        List<List<String>> verdicts = new ArrayList<>(List.of(VERDICT));
        verdicts.addAll(verdicts());
        return "\n" + facts + "\n" + columns(all) + "\n" + columns(verdicts);
    }

    private static String columns(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(other -> other.get(column).length())
                        .max()
                        .orElse(0);
                text.append(row.get(i)).append(" ".repeat(width - row.get(i).length() + 2));
            }
            text.setLength(text.toString().stripTrailing().length());
            text.append('\n');
        }
        return text.toString();
    }

    /** Writes the page; its path. */
    Path write(Path directory) throws IOException {
        String facts = table(
                List.of(),
                header.entrySet().stream()
                        .map(fact -> List.of(fact.getKey(), fact.getValue()))
                        .toList());
        Optional<String> gatling =
                Generator.report(directory).map(report -> directory.relativize(report) + "/index.html");
        String inner = gatling.map(page -> "<h2>Gatling's report</h2>\n<p><a href=\"" + page
                        + "\">By itself</a></p>\n<iframe src=\"" + page + "\" title=\"Gatling's report\"></iframe>")
                .orElse("");
        String page = PAGE.formatted(facts, table(VERDICT, verdicts()), table(POOL, pool()), inner);
        return Files.writeString(directory.resolve("index.html"), page);
    }

    private static String table(List<String> head, List<List<String>> rows) {
        StringBuilder html = new StringBuilder("<table>\n");
        if (!head.isEmpty()) {
            html.append(row("th", head));
        }
        rows.forEach(row -> html.append(row("td", row)));
        return html.append("</table>").toString();
    }

    private static String row(String cell, List<String> values) {
        String mark = values.contains(Outcome.Result.MISSED.text()) ? " class=\"missed\"" : "";
        return values.stream()
                .map(value -> "<" + cell + ">" + escaped(value) + "</" + cell + ">")
                .collect(Collectors.joining("", "<tr" + mark + ">", "</tr>\n"));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private List<List<String>> verdicts() {
        return outcome.verdicts().stream()
                .map(verdict -> List.of(
                        verdict.what(),
                        verdict.figure(),
                        verdict.target(),
                        verdict.result().text()))
                .toList();
    }

    /** The samples in at most thirty rows, and all of them in one. */
    private List<List<String>> pool() {
        List<Sample> samples = outcome.samples();
        if (samples.isEmpty()) {
            return List.of();
        }
        int rows = Math.min(ROWS, samples.size());
        List<List<String>> table = IntStream.range(0, rows)
                .mapToObj(row -> row(samples, row * samples.size() / rows, (row + 1) * samples.size() / rows))
                .collect(Collectors.toCollection(ArrayList::new));
        List<String> whole = new ArrayList<>(row(samples, 0, samples.size()));
        whole.set(0, "all");
        table.add(whole);
        return table;
    }

    /** What counts up is compared with the last sample before the row. */
    private static List<String> row(List<Sample> all, int from, int to) {
        List<Sample> samples = all.subList(from, to);
        Sample before = all.get(Math.max(0, from - 1));
        Sample last = all.get(to - 1);
        double seconds = Math.max(1, last.nanos() - before.nanos()) / NANOS;
        return List.of(
                number((before.nanos() - all.get(0).nanos()) / NANOS),
                number((last.acquired() - before.acquired()) / seconds),
                number(Sample.most(samples, Sample::inUse)),
                number(Sample.most(samples, Sample::waiting)),
                String.format(Locale.ROOT, "%.2f", Sample.most(samples, Sample::acquireP99)),
                number(last.timeouts() - before.timeouts()),
                number(last.rejected() - before.rejected()),
                number(last.dropped() - before.dropped()),
                number(last.reconnects() - before.reconnects()),
                String.format(Locale.ROOT, "%.1f", Sample.most(samples, Sample::ownMillis)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
