package dev.holdfast.cli;

import dev.holdfast.embedded.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** What {@code quarkus:dev} does before it serves: it brings a database with an up-to-date schema, and a keyset. */
final class DevMode {

    private static final Path KEPT = Path.of(".holdfast");
    private static final Path DATA = KEPT.resolve("postgresql-18");
    private static final String KEYSET_FILE = "holdfast.keyset-file";

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

    /** Leaves the path of a keyset where the service's configuration finds it, unless one is configured. */
    static void prepareKeyset() {
        Config config = ConfigProvider.getConfig();
        boolean configured = Stream.of("holdfast.keyset", KEYSET_FILE)
                .anyMatch(name -> config.getOptionalValue(name, String.class).isPresent());
        if (!configured) {
            System.setProperty(KEYSET_FILE, keysetIn(KEPT).toString());
        }
    }

    /** Makes a keyset there once, for its owner alone. */
    static Path keysetIn(Path directory) {
        Path keyset = directory.resolve("keyset.json").toAbsolutePath();
        if (!Files.exists(keyset)) {
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new CommandFailure("No keyset could be made in " + keyset + ": " + e.getMessage());
            }
            KeysetFile.create(keyset);
        }
        return keyset;
    }
}
