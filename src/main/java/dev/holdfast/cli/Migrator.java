package dev.holdfast.cli;

import dev.holdfast.db.ConnectionUri;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;
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

    private Migrator() {}

    /**
     * Applies what the database lacks. Of several at once, one works and the others wait for it, up to 50 s.
     *
     * @throws FlywayException if the database cannot be reached, a lock was not to be had within 5 s, or the schema is
     *     not one that these migrations lead to
     */
    public static Outcome migrate(ConnectionUri uri) {
        Flyway flyway = Flyway.configure(Migrator.class.getClassLoader())
                .dataSource(dataSource(uri))
                .locations("classpath:db/migration")
                .failOnMissingLocations(true)
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

    /** Plain JDBC connections, one per call, for what is not a request. */
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
                throw new CommandFailure("migrate can't use sslcert together with sslrootcert=system:"
                        + " give it the root certificate in a file.");
            }
            source.setSslCert(certificate);
            source.setSslKey(ClientKey.inDer(key).toString());
        }
        source.setApplicationName("holdfast-migrate");
        return source;
    }
}
