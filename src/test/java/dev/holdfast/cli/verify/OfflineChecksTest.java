package dev.holdfast.cli.verify;

import static dev.holdfast.cli.verify.Severity.ERROR;
import static dev.holdfast.cli.verify.Severity.INFO;
import static dev.holdfast.cli.verify.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.testkit.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each offline check both ways: what it finds, and that it finds nothing once that is mended. */
class OfflineChecksTest {

    private static final Certificates CERTIFICATES = Certificates.shared();
    private static final String KEYSET = Keyset.generate().replace("\n", "");
    private static final String HOST = "postgresql://holdfast:Geheim@db.example.org/holdfast";

    private static final Options PRODUCTION = new Options(true, null, Surge.parse(Surge.DEFAULT), null);

    /** Nothing is wrong with it, not even in production. */
    private static final Map<String, String> GOOD = Map.of(
            "DATABASE_URL",
            HOST + "?sslmode=verify-full&sslrootcert=system",
            "HOLDFAST_ADMIN_KEY",
            "0123456789abcdef",
            "HOLDFAST_KEYSET",
            KEYSET,
            "HOLDFAST_LOG_JSON",
            "true");

    /**
     * @param set the variables beyond the good ones, {@code NAME=value}; without a value it is taken out
     * @param mended the same, mended
     */
    private record Case(String check, Severity severity, String line, String set, String mended, boolean production) {

        @Override
        public String toString() {
            return check + ": " + set.replaceAll("\n.*", "") + (production ? " in production" : "");
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                // names
                plain(
                        "names",
                        ERROR,
                        "DB_CONECTION_LIMIT is unknown; write DB_CONNECTION_LIMIT if that was meant,"
                                + " or leave it out",
                        "DB_CONECTION_LIMIT=5",
                        "DB_CONNECTION_LIMIT=5"),
                plain(
                        "names",
                        ERROR,
                        "HOLDFAST_NOTHING_LIKE_IT is unknown; leave it out",
                        "HOLDFAST_NOTHING_LIKE_IT=1",
                        "NOTHING_LIKE_IT=1"),
                plain(
                        "names",
                        ERROR,
                        "db_replicas is unknown; write DB_REPLICAS if that was meant, or leave it out",
                        "db_replicas=2",
                        "DB_REPLICAS=2"),
                plain(
                        "names",
                        ERROR,
                        "DB_POOL_SIZE is SQLAlchemy's; set DB_CONNECTION_LIMIT instead, to pool_size and"
                                + " max_overflow together",
                        "DB_POOL_SIZE=20",
                        "DB_CONNECTION_LIMIT=20"),
                plain(
                        "names",
                        ERROR,
                        "DB_SSL is asyncpg, JDBC and node-postgres'; write sslmode into DATABASE_URL, or set"
                                + " DB_SSLMODE; verify-full is the one that proves who answers",
                        "DB_SSL=true",
                        ""),
                plain(
                        "names",
                        WARNING,
                        "RAILS_MAX_THREADS is Rails'; set DB_CONNECTION_LIMIT instead",
                        "RAILS_MAX_THREADS=5",
                        ""),
                plain("names", WARNING, "PGSSLMODE is libpq's; set DB_SSLMODE instead", "PGSSLMODE=require", ""),
                plain(
                        "names",
                        ERROR,
                        "DB_CONNECT_ARGS: command_timeout is asyncpg's; set DB_STATEMENT_TIMEOUT instead",
                        "DB_CONNECT_ARGS={'command_timeout': 60}",
                        "DB_STATEMENT_TIMEOUT=60"),
                plain(
                        "names",
                        WARNING,
                        "PGOPTIONS: statement_timeout is PostgreSQL's; set DB_STATEMENT_TIMEOUT instead",
                        "PGOPTIONS=-c statement_timeout=5s",
                        ""),
                // address
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL is not set; give it the database's URI, such as"
                                + " postgresql://user:password@host:5432/database?sslmode=verify-full",
                        "DATABASE_URL",
                        ""),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL starts with postgresql+asyncpg:// as another driver wants it; write"
                                + " postgresql://",
                        "DATABASE_URL=postgresql+asyncpg://u:Geheim@h/d",
                        "DATABASE_URL=" + HOST),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL has an '@' that is not encoded in the user name or password; write"
                                + " it as %40",
                        "DATABASE_URL=postgresql://u:Geh@eim@h/d",
                        "DATABASE_URL=" + HOST),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL has a '#' that is not encoded; write it as %23",
                        "DATABASE_URL=postgresql://u:Geh#eim@h/d",
                        "DATABASE_URL=" + HOST),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL?connection_limit is Prisma's; set DB_CONNECTION_LIMIT instead",
                        "DATABASE_URL=" + HOST + "?connection_limit=5",
                        "DATABASE_URL=" + HOST),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL?sslmode is verify-full, which needs a root certificate; set"
                                + " DB_SSLROOTCERT to a PEM file, or to system",
                        "DATABASE_URL=" + HOST + "?sslmode=verify-full",
                        "DATABASE_URL=" + HOST + "?sslmode=verify-full\nDB_SSLROOTCERT=system"),
                plain(
                        "address",
                        WARNING,
                        "DB_HOST is not read, and contradicts DATABASE_URL; leave it out, or mend one of" + " the two",
                        "DB_HOST=elsewhere",
                        ""),
                plain(
                        "address",
                        INFO,
                        "DB_PASSWORD is not read, and says the same as DATABASE_URL",
                        "DB_PASSWORD=Geheim",
                        ""),
                // values
                plain(
                        "values",
                        ERROR,
                        "DB_CONNECTION_LIMIT can't be read; write a whole number",
                        "DB_CONNECTION_LIMIT=Geheim",
                        "DB_CONNECTION_LIMIT=50"),
                plain(
                        "values",
                        ERROR,
                        "DB_POOL_TIMEOUT can't be read; write a duration, such as 10s, 500ms or a bare"
                                + " number of seconds",
                        "DB_POOL_TIMEOUT=10 s",
                        "DB_POOL_TIMEOUT=10s"),
                plain(
                        "values",
                        ERROR,
                        "HOLDFAST_HTTP_MAX_BODY can't be read; write a size, such as 10M",
                        "HOLDFAST_HTTP_MAX_BODY=big",
                        "HOLDFAST_HTTP_MAX_BODY=20M"),
                plain(
                        "values",
                        ERROR,
                        "HOLDFAST_LOG_JSON can't be read; write true or false",
                        "HOLDFAST_LOG_JSON=ja",
                        "HOLDFAST_LOG_JSON=yes"),
                plain(
                        "values",
                        ERROR,
                        "DB_REPLICAS is empty; give it a value, or leave it out for its default",
                        "DB_REPLICAS=",
                        "DB_REPLICAS=3"),
                plain(
                        "values",
                        ERROR,
                        "DATABASE_URL has '${' in it, which is taken for a reference to another value; in a"
                                + " URI write '$' as %24 and '{' as %7B",
                        "DATABASE_URL=postgresql://u:Ge${heim}@h/d",
                        "DATABASE_URL=postgresql://u:Ge%24%7Bheim}@h/d"),
                plain(
                        "values",
                        ERROR,
                        "DATABASE_URL has '${' in it, which is taken for a reference to another value; in a"
                                + " URI write '$' as %24 and '{' as %7B",
                        "DATABASE_URL=postgresql://u:Ge${he:im}@h/d",
                        "DATABASE_URL=postgresql://u:Ge$heim@h/d"),
                plain(
                        "values",
                        ERROR,
                        "DATABASE_URL has '${' in it, which is taken for a reference to another value; in a"
                                + " URI write '$' as %24 and '{' as %7B",
                        "DATABASE_URL=postgresql://u:Ge${DATABASE_URL}@h/d",
                        ""),
                // ranges
                plain(
                        "ranges",
                        ERROR,
                        "DB_CONNECTION_LIMIT must be at least 1",
                        "DB_CONNECTION_LIMIT=0",
                        "DB_CONNECTION_LIMIT=1"),
                plain(
                        "ranges",
                        ERROR,
                        "DB_POOL_RECYCLE must be from 1 ms to 24 days",
                        "DB_POOL_RECYCLE=-1",
                        "DB_POOL_RECYCLE=600"),
                plain(
                        "ranges",
                        ERROR,
                        "DB_SYNCHRONOUS_COMMIT must be one of on, off, local, remote_write, remote_apply",
                        "DB_SYNCHRONOUS_COMMIT=maybe",
                        "DB_SYNCHRONOUS_COMMIT=on"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_HTTP_REQUEST_TIMEOUT must be between 1 ms and 1 hour",
                        "HOLDFAST_HTTP_REQUEST_TIMEOUT=2h",
                        "HOLDFAST_HTTP_REQUEST_TIMEOUT=1h"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_HTTP_IDEMPOTENCY_PURGE_INTERVAL must be at least 1 s",
                        "HOLDFAST_HTTP_IDEMPOTENCY_PURGE_INTERVAL=0",
                        "HOLDFAST_HTTP_IDEMPOTENCY_PURGE_INTERVAL=1"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_CONVERSATION_PURGE_INTERVAL must be at least 1 s",
                        "HOLDFAST_CONVERSATION_PURGE_INTERVAL=0",
                        "HOLDFAST_CONVERSATION_PURGE_INTERVAL=1"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_ADMIN_KEY must have 16 to 512 characters",
                        "HOLDFAST_ADMIN_KEY=fifteen-letters",
                        "HOLDFAST_ADMIN_KEY=sixteen--letters"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_API_KEY must differ from holdfast.admin-key (HOLDFAST_ADMIN_KEY)",
                        "HOLDFAST_API_KEY=0123456789abcdef",
                        "HOLDFAST_API_KEY=fedcba9876543210"),
                // duplicates
                plain(
                        "duplicates",
                        ERROR,
                        "HOLDFAST_DB_MAX_SIZE contradicts DB_CONNECTION_LIMIT, and wins; leave one of" + " them out",
                        "HOLDFAST_DB_MAX_SIZE=20\nDB_CONNECTION_LIMIT=30",
                        "HOLDFAST_DB_MAX_SIZE=20"),
                plain(
                        "duplicates",
                        WARNING,
                        "HOLDFAST_DB_MAX_SIZE says what DB_CONNECTION_LIMIT says; leave one of them" + " out",
                        "HOLDFAST_DB_MAX_SIZE=20\nDB_CONNECTION_LIMIT=20",
                        "DB_CONNECTION_LIMIT=20"),
                plain(
                        "duplicates",
                        WARNING,
                        "DB_SSLMODE is not what sslmode in DATABASE_URL says, and wins; leave one of" + " them out",
                        "DATABASE_URL=" + HOST + "?sslmode=prefer\nDB_SSLMODE=require",
                        "DATABASE_URL=" + HOST + "?sslmode=require\nDB_SSLMODE=require"),
                plain(
                        "duplicates",
                        WARNING,
                        "DB_SSLROOTCERT is not what sslrootcert in DATABASE_URL says, and wins; leave"
                                + " one of them out",
                        "DB_SSLROOTCERT=/etc/a.pem",
                        "DATABASE_URL=" + HOST + "?sslrootcert=%2Fetc%2Fa.pem\nDB_SSLROOTCERT=/etc/a.pem"),
                plain(
                        "duplicates",
                        WARNING,
                        "DB_CONNECT_TIMEOUT is not what connect_timeout in DATABASE_URL says, which"
                                + " wins; leave one of them out",
                        "DATABASE_URL=" + HOST + "?connect_timeout=5\nDB_CONNECT_TIMEOUT=6",
                        "DATABASE_URL=" + HOST + "?connect_timeout=6\nDB_CONNECT_TIMEOUT=6"),
                // encryption
                plain(
                        "encryption",
                        WARNING,
                        "DB_SSLMODE is require, which does not prove that the server is yours; set"
                                + " DB_SSLMODE=verify-full, and DB_SSLROOTCERT to the PEM file of its authority or to system",
                        "DATABASE_URL=" + HOST + "?sslmode=require",
                        ""),
                production(
                        "encryption",
                        ERROR,
                        "DB_SSLMODE is prefer, which does not prove that the server is yours; set"
                                + " DB_SSLMODE=verify-full, and DB_SSLROOTCERT to the PEM file of its authority or to system",
                        "DATABASE_URL=" + HOST,
                        ""),
                plain(
                        "encryption",
                        WARNING,
                        "DB_SSLMODE is disable, so that no certificate is ever used; set"
                                + " DB_SSLMODE=verify-full, or leave the certificates out",
                        "DATABASE_URL=" + HOST + "\nDB_SSLMODE=disable\nDB_SSLROOTCERT=/etc/a.pem",
                        ""),
                // certificates
                plain(
                        "certificates",
                        INFO,
                        "DATABASE_URL?sslrootcert names /nowhere.pem, which is not here to be looked" + " at",
                        "DATABASE_URL=" + HOST + "?sslmode=verify-full&sslrootcert=/nowhere.pem",
                        ""),
                plain(
                        "certificates",
                        ERROR,
                        "DB_SSLROOTCERT names " + CERTIFICATES.good.key() + ", which holds no"
                                + " certificate; give it a PEM file",
                        root(CERTIFICATES.good.key()),
                        root(CERTIFICATES.authority.certificate())),
                plain(
                        "certificates",
                        ERROR,
                        "DATABASE_URL?sslkey names " + CERTIFICATES.client.certificate() + ", which"
                                + " holds no private key; give it a PEM file",
                        client(CERTIFICATES.client.certificate(), CERTIFICATES.client.certificate()),
                        client(CERTIFICATES.client.certificate(), CERTIFICATES.client.key())),
                // keys
                production(
                        "keys",
                        ERROR,
                        "HOLDFAST_ADMIN_KEY is not set, so that nobody can make projects and keys; give"
                                + " it a random text of at least 16 characters, such as of openssl rand -base64 32",
                        "HOLDFAST_ADMIN_KEY",
                        ""),
                plain(
                        "keys",
                        WARNING,
                        "HOLDFAST_API_KEY is the key of dev mode; give it a random text, such as of openssl"
                                + " rand -base64 32",
                        "HOLDFAST_API_KEY=holdfast-dev-api-key",
                        ""),
                production(
                        "keys",
                        ERROR,
                        "HOLDFAST_ADMIN_KEY is the key of dev mode; give it a random text, such as of"
                                + " openssl rand -base64 32",
                        "HOLDFAST_ADMIN_KEY=holdfast-dev-admin-key",
                        ""),
                plain(
                        "keys",
                        WARNING,
                        "HOLDFAST_ADMIN_KEY is a placeholder, not a key; give it a random text, such as of"
                                + " openssl rand -base64 32",
                        "HOLDFAST_ADMIN_KEY=<at least 16 characters>",
                        ""),
                // keyset
                production(
                        "keyset",
                        ERROR,
                        "HOLDFAST_KEYSET_FILE is not set, nor is HOLDFAST_KEYSET, so that no provider's key can be stored;"
                                + " give it a file that keyset --create has made",
                        "HOLDFAST_KEYSET",
                        ""),
                plain(
                        "keyset",
                        ERROR,
                        "HOLDFAST_KEYSET can't be used: This is not a Tink keyset in JSON, as it is or in base64; put"
                                + " the keyset back from a copy; if there was none before, give it what the command keyset makes",
                        "HOLDFAST_KEYSET=Geheim",
                        ""),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_KEYSET_FILE must not be set together with holdfast.keyset (HOLDFAST_KEYSET): one is"
                                + " enough",
                        "HOLDFAST_KEYSET_FILE=/etc/keyset",
                        ""),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_MODELS_MAX_SNAPSHOT_AGE must be at least 5 s",
                        "HOLDFAST_MODELS_MAX_SNAPSHOT_AGE=4",
                        "HOLDFAST_MODELS_MAX_SNAPSHOT_AGE=5"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_PROVIDER_TEST_TIMEOUT must be between attempt-timeout and 5 minutes",
                        "HOLDFAST_PROVIDER_TEST_TIMEOUT=4",
                        "HOLDFAST_PROVIDER_TEST_TIMEOUT=5"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_AUTH_LAST_USED_INTERVAL must be at least 1 minute",
                        "HOLDFAST_AUTH_LAST_USED_INTERVAL=59",
                        "HOLDFAST_AUTH_LAST_USED_INTERVAL=60"),
                plain(
                        "ranges",
                        ERROR,
                        "HOLDFAST_AUTH_MAX_FAILURES must be from 1 to 1000000 a minute",
                        "HOLDFAST_AUTH_MAX_FAILURES=0",
                        "HOLDFAST_AUTH_MAX_FAILURES=1"),
                plain(
                        "address",
                        ERROR,
                        "DATABASE_URL has a password, and DB_PASSWORD_FILE names another; leave one of them out",
                        "DB_PASSWORD_FILE=/etc/password",
                        ""),
                // units
                plain(
                        "units",
                        WARNING,
                        "DB_POOL_TIMEOUT is 10000 seconds, because a bare number is seconds; write 10000ms"
                                + " if milliseconds were meant, else 10000s",
                        "DB_POOL_TIMEOUT=10000",
                        "DB_POOL_TIMEOUT=10000ms"),
                // timeouts
                plain(
                        "timeouts",
                        INFO,
                        "DB_POOL_TIMEOUT is longer than a request may take"
                                + " (HOLDFAST_HTTP_REQUEST_TIMEOUT), and is cut to what is left of that",
                        "DB_POOL_TIMEOUT=31",
                        "DB_POOL_TIMEOUT=30"),
                plain(
                        "timeouts",
                        INFO,
                        "DB_STATEMENT_TIMEOUT is longer than a request may take"
                                + " (HOLDFAST_HTTP_REQUEST_TIMEOUT), and is cut to what is left of that",
                        "HOLDFAST_HTTP_REQUEST_TIMEOUT=29",
                        "HOLDFAST_HTTP_REQUEST_TIMEOUT=30"),
                plain(
                        "timeouts",
                        WARNING,
                        "DB_SLOW_QUERY is not below the requests' deadline, so that nothing is ever"
                                + " logged as slow; set it to a few seconds",
                        "DB_SLOW_QUERY=30",
                        "DB_SLOW_QUERY=29"),
                production(
                        "timeouts",
                        WARNING,
                        "DB_STATEMENT_TIMEOUT is 0: statements run for as long as it likes when its"
                                + " client is gone; set it to 30s",
                        "DB_STATEMENT_TIMEOUT=0",
                        "DB_STATEMENT_TIMEOUT=1"),
                production(
                        "timeouts",
                        WARNING,
                        "DB_IDLE_IN_TRANSACTION_TIMEOUT is 0: an open transaction holds its locks"
                                + " for as long as it likes when its client is gone; set it to 30s",
                        "DB_IDLE_IN_TRANSACTION_TIMEOUT=0",
                        "DB_IDLE_IN_TRANSACTION_TIMEOUT=1"),
                plain(
                        "timeouts",
                        WARNING,
                        "DB_POOL_RECYCLE is so short that connections are opened again and again; set it"
                                + " to minutes, such as 300s",
                        "DB_POOL_RECYCLE=29",
                        "DB_POOL_RECYCLE=30"),
                plain(
                        "timeouts",
                        INFO,
                        "DB_POOL_IDLE_CHECK is not below HOLDFAST_DB_IDLE_TIMEOUT: idle connections are"
                                + " closed before they are ever checked",
                        "DB_POOL_IDLE_CHECK=10m",
                        "DB_POOL_IDLE_CHECK=9m"),
                // queue
                plain(
                        "queue",
                        WARNING,
                        "DB_POOL_MAX_WAITING is 0, so that whoever finds all connections in use is refused"
                                + " at once; set it to some times DB_CONNECTION_LIMIT",
                        "DB_POOL_MAX_WAITING=0",
                        "DB_POOL_MAX_WAITING=1"),
                // pool-size
                production(
                        "pool-size",
                        ERROR,
                        "DB_CONNECTION_LIMIT is 19, and a production pool has at least 20; set it to"
                                + " at least 20; if the server has no room for that, run fewer replicas",
                        "DB_CONNECTION_LIMIT=19",
                        "DB_CONNECTION_LIMIT=20"),
                // durability
                plain(
                        "durability",
                        WARNING,
                        "DB_SYNCHRONOUS_COMMIT is off, so that a crash may lose what a 2xx has"
                                + " confirmed; set it to on",
                        "DB_SYNCHRONOUS_COMMIT=off",
                        "DB_SYNCHRONOUS_COMMIT=remote_apply"),
                production(
                        "durability",
                        ERROR,
                        "DB_SYNCHRONOUS_COMMIT is local, so that a crash may lose what a 2xx has"
                                + " confirmed; set it to on",
                        "DB_SYNCHRONOUS_COMMIT=local",
                        "DB_SYNCHRONOUS_COMMIT=on"),
                // log
                production(
                        "log",
                        INFO,
                        "HOLDFAST_LOG_JSON is not true: log lines are text; set it to true if a log"
                                + " collector reads them",
                        "HOLDFAST_LOG_JSON",
                        "HOLDFAST_LOG_JSON=on"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsWrongIsFoundAndWhatIsMendedIsNot(Case given) {
        List<Finding> found = findings(given.set, given.production);
        List<Finding> left = findings(given.mended, given.production);

        assertThat(found)
                .filteredOn(f -> f.check().equals(given.check) && f.severity() == given.severity)
                .extracting(Finding::line)
                .contains(given.line);
        assertThat(left).filteredOn(f -> f.check().equals(given.check)).isEmpty();
        assertThat(found)
                .as("no part of a password is in it")
                .noneMatch(f -> (f.key() + f.line()).replace("Ge$heim", "").matches(".*(Geh|eim).*"));
    }

    @Test
    void everyOfflineCheckIsAmongThem() {
        Set<String> names =
                new HashSet<>(Checks.OFFLINE.stream().map(Check::name).toList());
        names.removeAll(Set.of("load", "password"));

        assertThat(cases().map(Case::check)).containsAll(names);
    }

    @Test
    void aFileOfThisMachineMustBeThereAndHoldWhatItShould(@TempDir Path directory) throws IOException {
        Path nothing = directory.resolve("nothing");
        Path empty = Files.writeString(directory.resolve("empty"), "");
        Path password = Files.writeString(directory.resolve("password"), "Geheim\n");
        Path keyset = Files.writeString(directory.resolve("keyset"), Keyset.generate());
        String database = "DATABASE_URL=postgresql://u@h/d\nDB_PASSWORD_FILE=";

        assertThat(findings(database + nothing, true))
                .extracting(Finding::line)
                .contains("DB_PASSWORD_FILE names a file that is not here to be looked at");
        assertThat(findings(database + password, true))
                .filteredOn(f -> f.check().equals("password"))
                .isEmpty();
        assertThat(findings("HOLDFAST_KEYSET\nHOLDFAST_KEYSET_FILE=" + nothing, true))
                .extracting(Finding::line)
                .containsExactly("HOLDFAST_KEYSET_FILE names " + nothing + ", which is not here to be looked at");
        assertThat(findings("HOLDFAST_KEYSET\nHOLDFAST_KEYSET_FILE=" + empty, true))
                .extracting(Finding::line)
                .containsExactly(
                        "HOLDFAST_KEYSET_FILE can't be used: This is not a Tink keyset in JSON, as it is or in base64; put"
                                + " the keyset back from a copy; if there was none before, give it what the command keyset makes");
        assertThat(findings("HOLDFAST_KEYSET\nHOLDFAST_KEYSET_FILE=" + keyset, true))
                .isEmpty();
        assertThat(findings(
                        "HOLDFAST_KEYSET_FILE\nHOLDFAST_KEYSET="
                                + Files.readString(keyset).replace("\n", ""),
                        true))
                .isEmpty();
    }

    @Test
    void nothingIsWrongWithAGoodProductionService() {
        assertThat(findings("", true)).isEmpty();
    }

    static Stream<Arguments> serviceLinks() {
        return Stream.of(
                        "HOLDFAST_SERVICE_HOST=10.0.0.1",
                        "HOLDFAST_SERVICE_PORT=8080",
                        "HOLDFAST_SERVICE_PORT_HTTP=8080",
                        "HOLDFAST_PORT=tcp://10.0.0.1:8080",
                        "HOLDFAST_PORT_8080_TCP=tcp://10.0.0.1:8080",
                        "HOLDFAST_PORT_8080_TCP_ADDR=10.0.0.1",
                        "DB_PORT=tcp://10.0.0.2:5432",
                        "DB_RW_SERVICE_PORT_POSTGRES=5432")
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("serviceLinks")
    void whatKubernetesTellsEveryContainerOfServicesIsNoFinding(String link) {
        assertThat(findings(link, false))
                .filteredOn(f -> f.severity() != INFO && !f.check().equals("address"))
                .isEmpty();
    }

    @Test
    void expiringCertificatesAreFoundThirtyDaysBefore() {
        assertThat(findings(root(CERTIFICATES.soon.certificate()), false))
                .filteredOn(f -> f.check().equals("certificates"))
                .extracting(Finding::severity)
                .containsOnly(WARNING);
        assertThat(findings(root(CERTIFICATES.expiredSelfSigned.certificate()), false))
                .filteredOn(f -> f.check().equals("certificates"))
                .extracting(Finding::line)
                .singleElement()
                .asString()
                .startsWith("DB_SSLROOTCERT has a certificate that expired on ")
                .endsWith(": CN=old; renew it");
    }

    private static List<Finding> findings(String set, boolean production) {
        Map<String, String> environment = new HashMap<>(GOOD);
        Arrays.stream(set.split("\n")).filter(line -> !line.isEmpty()).forEach(line -> {
            String[] parts = line.split("=", 2);
            if (parts.length == 1) {
                environment.remove(parts[0]);
            } else {
                environment.put(parts[0], parts[1]);
            }
        });
        return findings(
                Checks.OFFLINE,
                new Subject(Settings.ofEnvironment(environment), production ? PRODUCTION : Options.START));
    }

    private static List<Finding> findings(List<Check> checks, Subject subject) {
        Findings findings = new Findings();
        Verify.run(checks, subject, findings);
        return findings.sorted();
    }

    private static String root(Path file) {
        return "DATABASE_URL=" + HOST + "?sslmode=verify-full\nDB_SSLROOTCERT=" + file;
    }

    private static String client(Path certificate, Path key) {
        return "DATABASE_URL=" + HOST + "?sslmode=verify-full&sslrootcert=system&sslcert=" + certificate + "&sslkey="
                + key;
    }

    private static Case plain(String check, Severity severity, String line, String set, String mended) {
        return new Case(check, severity, line, set, mended, false);
    }

    private static Case production(String check, Severity severity, String line, String set, String mended) {
        return new Case(check, severity, line, set, mended, true);
    }
}
