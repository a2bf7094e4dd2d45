package dev.holdfast.cli;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.PasswordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** The database that a command works on. */
final class Target {

    static final String PROPERTY = "holdfast.db.url";

    private Target() {}

    /** The URI as it was given, unchecked; it may hold a password. */
    static Optional<String> configured() {
        return ConfigProvider.getConfig().getOptionalValue(PROPERTY, String.class);
    }

    /** @throws CommandFailure if there is none, or none that can be used */
    static ConnectionUri required() {
        return parse(configured()
                .orElseThrow(() -> new CommandFailure("DATABASE_URL is not set: give it the database's URI, such as"
                        + " postgresql://user:password@host:5432/database?sslmode=verify-full")));
    }

    private static @Nullable String setting(String name) {
        return ConfigProvider.getConfig().getOptionalValue(name, String.class).orElse(null);
    }

    static ConnectionUri parse(String uri) {
        try {
            ConnectionUri parsed =
                    ConnectionUri.parse(uri, setting("holdfast.db.ssl-mode"), setting("holdfast.db.ssl-root-cert"));
            String passwordFile = setting("holdfast.db.password-file");
            return passwordFile == null ? parsed : parsed.withPassword(PasswordFile.read(Path.of(passwordFile)));
        } catch (IllegalArgumentException | IOException e) {
            throw new CommandFailure(e.getMessage());
        }
    }
}
