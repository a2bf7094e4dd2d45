package dev.holdfast.cli.verify;

import dev.holdfast.cli.Migrator;
import org.flywaydb.core.api.FlywayException;

/** Whether the schema is the one that this release works on. */
final class MigrationsCheck implements Check {

    @Override
    public String name() {
        return "migrations";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        try {
            say(Migrator.state(subject.server().uri()), findings);
        } catch (FlywayException e) {
            findings.error(
                    "schema",
                    "has migrations that can't be read",
                    "let the role read flyway_schema_history, and see that nobody holds a lock on it");
        }
    }

    static void say(Migrator.State state, Findings findings) {
        String newest = "; this release has " + state.newest();
        if (state.failed()) {
            findings.error(
                    "schema",
                    "has a failed migration",
                    "look at flyway_schema_history, undo what the migration left, and run migrate again");
        } else if (state.current() == null) {
            findings.warning("schema", "is not there" + newest, "run migrate before the service");
        } else if (state.pending() > 0) {
            findings.warning(
                    "schema",
                    "is at version " + state.current() + newest + ", " + state.pending() + " behind",
                    "run migrate: until then the service is not ready");
        } else if (state.ahead()) {
            findings.warning(
                    "schema",
                    "is at version " + state.current() + ", ahead of this release" + newest,
                    "go on if this is a rollback by one release");
        } else {
            findings.info("schema", "is at version " + state.current() + ", as this release has it");
        }
    }
}
