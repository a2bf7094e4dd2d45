package dev.holdfast.cli;

import dev.holdfast.cli.verify.Verify;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;

/** Tells the commands apart before Quarkus starts: none of them pays for, or fails with, a service it does not need. */
@QuarkusMain
@CommandLine.Command(
        name = "holdfast",
        description = "A reactive data service on PostgreSQL.",
        subcommands = {Serve.class, Verify.class, Migrate.class, NewKeyset.class})
public final class Main {

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Shows this text.")
    @SuppressWarnings("UnusedVariable") // picocli takes it from here
    private boolean help;

    public static void main(String... args) {
        // Setting up the commands' parser takes a tenth of a second, which serve, the default, starts without.
        int code = args.length == 0
                ? serve()
                : new CommandLine(new Main())
                        .setExecutionExceptionHandler(Main::report)
                        .execute(args);
        if (!DevMode.isOn()) {
            System.exit(code);
        } else if (code != CommandLine.ExitCode.OK) {
            // The JVM of dev mode outlives a failed start: it waits for the mended source, if it is told.
            throw new IllegalStateException("holdfast ended with exit code " + code);
        }
    }

    private static int serve() {
        try {
            new Serve().run();
            return CommandLine.ExitCode.OK;
        } catch (CommandFailure failure) {
            System.err.println(failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof CommandFailure) {
            command.getErr().println(failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }
}
