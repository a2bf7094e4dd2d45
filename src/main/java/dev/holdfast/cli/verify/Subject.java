package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.DbConfig;
import dev.holdfast.db.PasswordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is looked at: a configuration, and the server that it names once that has been asked. */
final class Subject {

    private final Settings settings;
    private final Options options;
    private final DbConfig db;
    private final @Nullable ConnectionUri uri;
    private final List<ConnectionUri.Fault> faults;
    private @Nullable String passwordTrouble;
    private @Nullable Network network;
    private @Nullable Server server;

    Subject(Settings settings, Options options) {
        this.settings = settings;
        this.options = options;
        this.db = settings.mapping(DbConfig.class);
        ConnectionUri read = null;
        List<ConnectionUri.Fault> wrong = List.of();
        if (db.url().isPresent()) {
            try {
                read = ConnectionUri.parse(
                        db.url().get(),
                        db.sslMode().orElse(null),
                        db.sslRootCert().orElse(null));
                if (db.passwordFile().isPresent()) {
                    read = read.withPassword(password(db.passwordFile().get()));
                }
            } catch (ConnectionUri.Refused e) {
                read = null;
                wrong = e.faults();
            }
        }
        uri = read;
        faults = wrong;
    }

    private String password(Path file) {
        try {
            return PasswordFile.read(file);
        } catch (IOException e) {
            passwordTrouble = e.getMessage();
            return "";
        }
    }

    /** Why the file that the password is in can't be used; null where it can, or where there is none. */
    @Nullable
    String passwordTrouble() {
        return passwordTrouble;
    }

    Settings settings() {
        return settings;
    }

    Options options() {
        return options;
    }

    DbConfig db() {
        return db;
    }

    /** Null where there is none that can be used. */
    @Nullable
    ConnectionUri uri() {
        return uri;
    }

    /** What is wrong with the URI that there is. */
    List<ConnectionUri.Fault> faults() {
        return faults;
    }

    int replicas() {
        return options.replicas() == null ? db.replicas() : options.replicas();
    }

    String key(String setting) {
        return settings.key(setting);
    }

    /** For the checks that need it. */
    Network network() {
        return Objects.requireNonNull(network, "offline");
    }

    /** For the checks that need it. */
    Server server() {
        return Objects.requireNonNull(server, "offline");
    }

    void asked(Network network) {
        this.network = network;
    }

    void asked(Server server) {
        this.server = server;
    }
}
