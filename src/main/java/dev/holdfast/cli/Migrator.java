package dev.holdfast.cli;

import dev.holdfast.db.ConnectionUri;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/** The one way in which the schema is made and changed: by the command, by dev mode and by the tests. */
public final class Migrator {

    // A statement that waits for a lock makes everybody queue up behind it. And an index may take its time to be built,
    // whatever limit the role has for the service's statements.
    private static final String SESSION = "SET lock_timeout = '5s'; SET statement_timeout = 0";

    /**
     * What a migration came to.
     *
     * @param applied the version and description of each script that was run, in order; empty if there was none to run
     * @param version the schema's version now
     */
    public record Outcome(List<String> applied, String version) {

        public Outcome {
            applied = List.copyOf(applied);
        }
    }

    /**
     * Where a database's schema stands.
     *
     * @param current its version; null if nothing was ever migrated
     * @param newest the version that these migrations lead to
     * @param pending how many are still to be applied
     * @param failed whether one was begun and not finished
     * @param ahead whether a newer release has migrated it
     */
    public record State(@Nullable String current, String newest, int pending, boolean failed, boolean ahead) {}

    private Migrator() {}

    /**
     * Applies what the database lacks. Of several at once, one works and the others wait for it, up to 50 s.
     *
     * @throws FlywayException if the database cannot be reached, a lock was not to be had within 5 s, or the schema is
     *     not one that these migrations lead to
     */
    public static Outcome migrate(ConnectionUri uri) {
        Flyway flyway = configuration()
                .dataSource(dataSource(uri))
                .initSql(SESSION)
                // A lock held by an open transaction would keep CREATE INDEX CONCURRENTLY waiting for ever.
                .configuration(Map.of("flyway.postgresql.transactional.lock", "false"))
                .load();
        MigrateResult result = flyway.migrate();
        return new Outcome(
                result.migrations.stream()
                        .map(migration -> migration.version + " " + migration.description)
                        .toList(),
                flyway.info().current().getVersion().getVersion());
    }

    private static FluentConfiguration configuration() {
        return Flyway.configure(Migrator.class.getClassLoader())
                .locations("classpath:db/migration")
                .failOnMissingLocations(true);
    }

    /**
     * Looks where the schema stands, and changes nothing.
     *
     * @throws FlywayException if it can't be read
     */
    public static State state(ConnectionUri uri) {
        MigrationInfoService info =
                configuration().dataSource(dataSource(uri)).load().info();
        MigrationInfo current = info.current();
        List<MigrationInfo> all = List.of(info.all());
        return new State(
                current == null ? null : String.valueOf(current.getVersion()),
                all.stream()
                        .filter(m -> m.getState().isResolved())
                        .map(MigrationInfo::getVersion)
                        .max(Comparator.naturalOrder())
                        .map(MigrationVersion::getVersion)
                        .orElseThrow(),
                info.pending().length,
                all.stream().anyMatch(m -> m.getState().isFailed()),
                all.stream().anyMatch(m -> m.getState() == MigrationState.FUTURE_SUCCESS));
    }

    /**
     * Plain JDBC connections, one per call, for what is not a request.
     *
     * @throws CommandFailure if the client's certificate can't be presented in this way
     */
    public static PGSimpleDataSource dataSource(ConnectionUri uri) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {uri.host().contains(":") ? "[" + uri.host() + "]" : uri.host()});
        source.setPortNumbers(new int[] {uri.port()});
        source.setDatabaseName(uri.database());
        source.setUser(uri.user());
        source.setPassword(uri.password());
        source.setSslMode(uri.sslMode().value());
        if ("system".equals(uri.sslRootCert())) {
            source.setSslfactory(DefaultJavaSSLFactory.class.getName());
        } else if (uri.sslRootCert() != null) {
            source.setSslRootCert(uri.sslRootCert());
        }
        String certificate = uri.sslCert();
        String key = uri.sslKey();
        if (certificate != null && key != null) {
            if ("system".equals(uri.sslRootCert())) {
                throw new CommandFailure("migrate and verify can't use sslcert together with sslrootcert=system:"
                        + " give them the root certificate in a file.");
            }
            source.setSslCert(certificate);
            source.setSslKey(ClientKey.inDer(key).toString());
        }
        source.setApplicationName("holdfast-migrate");
        return source;
    }
}
