package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.DbConfig;
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
            } catch (ConnectionUri.Refused e) {
                wrong = e.faults();
            }
        }
        uri = read;
        faults = wrong;
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
