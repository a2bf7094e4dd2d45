package dev.holdfast.cli.verify;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;

/** What the command came to. */
record Ran(int code, String out, String err) {

    /** Runs the command on an environment, which is written to a file for it. */
    static Ran verify(Map<String, String> environment, String... arguments) {
        String lines = environment.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(joining("\n"));
        return verify(lines, arguments);
    }

    /** Runs the command on a file of these lines. */
    static Ran verify(String lines, String... arguments) {
        try {
            Path file = Files.createTempFile("holdfast", ".env");
            try {
                Files.writeString(file, lines);
                List<String> all = new ArrayList<>(List.of("--env-file", file.toString()));
                all.addAll(List.of(arguments));
                return command(all.toArray(String[]::new));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ran command(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new Verify())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    JsonNode json() {
        try {
            return new ObjectMapper().readTree(out);
        } catch (IOException e) {
            throw new UncheckedIOException(out + err, e);
        }
    }

    /** Of a run with {@code --json}. */
    List<Finding> findings() {
        List<Finding> all = new ArrayList<>();
        for (JsonNode finding : json().get("findings")) {
            all.add(new Finding(
                    finding.get("check").asText(),
                    finding.get("key").asText(),
                    Severity.valueOf(finding.get("severity").asText().toUpperCase(Locale.ROOT)),
                    finding.get("why").asText(),
                    finding.get("mend").asText()));
        }
        return all;
    }

    /** Those of one check and severity, each in one line. */
    List<String> lines(String check, Severity severity) {
        return findings().stream()
                .filter(f -> f.check().equals(check) && f.severity() == severity)
                .map(Finding::line)
                .toList();
    }
}
