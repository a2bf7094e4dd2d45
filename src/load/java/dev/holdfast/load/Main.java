package dev.holdfast.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Runs one scenario. Exits with 0 if every target was met, with 1 if one was not, with 2 if nothing could be run. */
final class Main {

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private Main() {}

    public static void main(String[] arguments) {
        int code;
        try {
            Options options = Options.fromProperties();
            code = run(options);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            code = 2;
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
            code = 2;
        }
        // Whatever this JVM has started ends with it.
        System.exit(code);
    }

    private static int run(Options options) throws Exception {
        String stamp = LocalDateTime.now(ZoneOffset.UTC).format(STAMP);
        Path directory = Path.of("target", "load", options.scenario().text() + "-" + stamp)
                .toAbsolutePath();
        if (options.scenario() == Scenario.IDLE) {
            IdleClients.requireOpenFiles();
        }
        Files.createDirectories(directory);
        try (Subject subject = options.target().isPresent()
                        ? new GivenSubject(options)
                        : new StartedSubject(options, directory);
                Access access = Access.of(subject, options)) {
            Run run = new Run(options, subject, access, directory);
            Outcome outcome = run.outcome();
            Report report = new Report(Header.of(options, subject, access), outcome);
            System.out.print(report.text());
            System.out.println("\nThe report: " + report.write(directory));
            return outcome.passed() ? 0 : 1;
        }
    }
}
