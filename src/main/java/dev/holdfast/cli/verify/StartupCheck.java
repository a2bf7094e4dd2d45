package dev.holdfast.cli.verify;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The offline checks, as {@code serve} runs them before it starts. */
public final class StartupCheck {

    private static final Logger LOG = Logger.getLogger(StartupCheck.class);

    private StartupCheck() {}

    /**
     * Looks at the configuration of this process.
     *
     * @param warn whether to log what is no reason not to start
     * @return what is wrong, a line each, if the service must not start with it
     */
    public static Optional<String> run(boolean warn) {
        Findings findings = new Findings();
        Verify.run(Checks.OFFLINE, new Subject(Settings.ofProcess(), Options.START), findings);
        List<Finding> sorted = findings.sorted();
        if (warn) {
            sorted.stream().filter(f -> f.severity() == Severity.WARNING).forEach(f -> LOG.warn(f.line()));
        }
        return Optional.of(sorted.stream()
                        .filter(f -> f.severity() == Severity.ERROR)
                        .map(Finding::line)
                        .collect(joining(System.lineSeparator())))
                .filter(text -> !text.isEmpty());
    }
}
