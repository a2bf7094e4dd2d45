package dev.holdfast.cli.verify;

import dev.holdfast.cli.CommandFailure;
import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.DbConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "verify",
        description = {
            "Says what is wrong with the configuration and with the server that it names, and what to do.",
            "Exit code 0: fit to run; 1: errors were found; 2: the command line is wrong."
        })
public final class Verify implements Callable<Integer> {

    private static final int UNFIT = 1;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--offline", description = "Looks at the configuration only; nothing is connected to.")
    private boolean offline;

    @Option(names = "--production", description = "Raises the bar to that of a production service.")
    private boolean production;

    @Option(names = "--strict", description = "Warnings count as errors do.")
    private boolean strict;

    @Option(names = "--json", description = "Writes JSON instead of a table.")
    private boolean json;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "Looks at this file of NAME=value lines instead of the environment.")
    private @Nullable Path envFile;

    @Option(names = "--replicas", paramLabel = "N", description = "How many replicas will run, instead of DB_REPLICAS.")
    private @Nullable Integer replicas;

    @Option(
            names = "--surge",
            paramLabel = "N|N%",
            defaultValue = Surge.DEFAULT,
            description = "How many more a rolling update starts; ${DEFAULT-VALUE} by default.")
    private String surge = Surge.DEFAULT;

    @Option(names = "--rps", paramLabel = "N", description = "Requests per second, of all replicas together.")
    private @Nullable Double rps;

    @Option(
            names = "--query-ms",
            paramLabel = "N",
            description = "For how many milliseconds a request has a connection.")
    private @Nullable Double queryMs;

    @Option(
            names = "--metrics",
            paramLabel = "URL",
            description =
                    "A running replica's management interface, such as http://localhost:9000, to take the load from.")
    private @Nullable URI metrics;

    @Option(
            names = "--metrics-seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long to watch it; ${DEFAULT-VALUE} by default.")
    private double metricsSeconds = 10;

    @Override
    public Integer call() throws InterruptedException {
        Findings findings = new Findings();
        Settings settings = settings(findings);
        Subject subject = new Subject(settings, options(settings, findings));
        run(Checks.OFFLINE, subject, findings);
        if (!offline) {
            online(subject, findings);
        }
        return report(findings);
    }

    private Settings settings(Findings findings) {
        if (envFile == null) {
            return Settings.ofProcess();
        }
        try {
            EnvFile file = EnvFile.read(envFile);
            file.look(findings);
            return Settings.ofEnvironment(file.values());
        } catch (IOException e) {
            throw usage("--env-file: " + envFile + " can't be read");
        }
    }

    private Options options(Settings settings, Findings findings) throws InterruptedException {
        if (replicas != null && replicas < 1) {
            throw usage("--replicas must be at least 1");
        }
        Surge more;
        try {
            more = Surge.parse(surge);
        } catch (IllegalArgumentException e) {
            throw usage("--surge is " + e.getMessage());
        }
        Options plain = new Options(production, replicas, more, null);
        Demand demand = demand(new Subject(settings, plain).replicas(), findings);
        return new Options(production, replicas, more, demand);
    }

    private @Nullable Demand demand(int count, Findings findings) throws InterruptedException {
        if (metrics != null && (offline || rps != null || queryMs != null)) {
            throw usage("--metrics goes with none of --offline, --rps and --query-ms");
        }
        if ((rps == null) != (queryMs == null)) {
            throw usage("--rps and --query-ms go together");
        }
        if (rps != null && queryMs != null) {
            if (!(rps >= 0 && queryMs >= 0)) {
                throw usage("--rps and --query-ms must not be negative");
            }
            return Demand.of(rps, queryMs, count);
        }
        return metrics == null ? null : live(metrics, findings);
    }

    private @Nullable Demand live(URI page, Findings findings) throws InterruptedException {
        if (!(metricsSeconds > 0 && metricsSeconds <= 3600)) {
            throw usage("--metrics-seconds must be above 0 and at most 3600");
        }
        try {
            return new LiveMetrics().demand(page, Duration.ofMillis(Math.round(metricsSeconds * 1000)));
        } catch (IOException | IllegalArgumentException e) {
            findings.of("load")
                    .error(
                            "--metrics",
                            "can't be read: "
                                    + Objects.requireNonNullElse(
                                            e.getMessage(), e.getClass().getSimpleName()),
                            "name the management interface of a running replica, such as http://localhost:9000");
            return null;
        }
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private static void online(Subject subject, Findings findings) throws InterruptedException {
        ConnectionUri uri = subject.uri();
        if (uri == null
                || subject.passwordTrouble() != null
                || !DbConfig.outOfRange(subject.db()).isEmpty()) {
            findings.of("reach").info("server", "was not asked: the configuration must be mended first");
            return;
        }
        subject.asked(Network.of(uri, subject.db()));
        run(Checks.NETWORK, subject, findings);
        if (!subject.network().isReached()) {
            return;
        }
        try (Server server = Server.connect(uri)) {
            subject.asked(server);
            run(Checks.SERVER, subject, findings);
        } catch (SQLException e) {
            if (subject.network().isLetIn()) {
                findings.of("login").warning("server", "can't be asked: " + state(e), "look at its log");
            }
        } catch (CommandFailure e) {
            findings.of("login").warning("server", "can't be asked", String.valueOf(e.getMessage()));
        }
    }

    /** Runs them one after another; one that PostgreSQL does not answer is left out, and that is said. */
    static void run(List<Check> checks, Subject subject, Findings findings) {
        for (Check check : checks) {
            try {
                check.look(subject, findings.of(check.name()));
            } catch (SQLException e) {
                findings.warning("server", "does not answer as it should: " + state(e), "look at its log");
            }
        }
    }

    private static String state(SQLException failure) {
        return failure.getSQLState() == null ? failure.getClass().getSimpleName() : "SQLSTATE " + failure.getSQLState();
    }

    private int report(Findings findings) {
        boolean fit = findings.count(Severity.ERROR) == 0 && !(strict && findings.count(Severity.WARNING) > 0);
        Report report = new Report(findings.sorted(), fit);
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json
                        ? report.json()
                        : report.table(spec.commandLine().getColorScheme().ansi()));
        out.flush();
        return fit ? 0 : UNFIT;
    }
}
