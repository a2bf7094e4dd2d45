package dev.holdfast.cli;

import dev.holdfast.db.ConnectionUri;
import java.io.PrintWriter;
import org.flywaydb.core.api.FlywayException;
import picocli.CommandLine;

@CommandLine.Command(
        name = "migrate",
        description = "Brings the schema of the database at DATABASE_URL up to date, beside a service that runs on it.")
final class Migrate implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        ConnectionUri uri = Target.required();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Migrating " + uri.database() + " on " + uri.host() + ":" + uri.port());
        Migrator.Outcome outcome;
        try {
            outcome = Migrator.migrate(uri);
        } catch (FlywayException e) {
            throw new CommandFailure(
                    "Not migrated: " + String.valueOf(e.getMessage()).strip());
        }
        outcome.applied().forEach(migration -> out.println("Applied " + migration));
        out.println(
                outcome.applied().isEmpty()
                        ? "Nothing to do: the schema is at version " + outcome.version()
                        : "Done: the schema is at version " + outcome.version());
        out.flush();
    }
}
