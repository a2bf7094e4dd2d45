package dev.holdfast.cli;

import dev.holdfast.embedded.EmbeddedServer;
import java.nio.file.Path;

/** What {@code quarkus:dev} does before it serves: it brings a database, and brings the schema up to date. */
final class DevMode {

    private static final Path DATA = Path.of(".holdfast", "postgresql-18");

    private DevMode() {}

    // Quarkus knows its launch mode and profile only once it starts. The production artefact is known by what it lacks.
    static boolean isOn() {
        return Main.class.getResource("/dev/holdfast/embedded/EmbeddedServer.class") != null;
    }

    /** Leaves the database's URI where the service's configuration finds it. */
    static void prepareDatabase() {
        String uri = Target.configured().orElseGet(() -> EmbeddedServer.startKeeping(DATA));
        Migrator.migrate(Target.parse(uri));
        System.setProperty(Target.PROPERTY, uri);
    }
}
