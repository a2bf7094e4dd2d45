package dev.holdfast.db;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a libpq connection URI says, {@code postgresql://user:password@host:port/database?parameter=value&...}; see
 * PostgreSQL's manual, "Connection URIs". Parameters that we can't honour are refused by name.
 *
 * @param password null where the server asks for none
 * @param sslMode what it comes to by libpq's rules, {@link #parse(String, String, String)}
 * @param sslRootCert a PEM file, {@code system}, or null
 * @param sslCert the client's certificate chain, a PEM file, or null
 * @param sslKey the client's private key, a PEM file, or null
 * @param connectTimeout null where the URI does not say
 * @param applicationName null where the URI does not say
 */
public record ConnectionUri(
        String host,
        int port,
        String user,
        @Nullable String password,
        String database,
        SslMode sslMode,
        @Nullable String sslRootCert,
        @Nullable String sslCert,
        @Nullable String sslKey,
        @Nullable Duration connectTimeout,
        @Nullable String applicationName) {

    static final String VARIABLE = "DATABASE_URL";
    static final String PARAMETER = VARIABLE + "?";

    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
        String written = host.contains(":") ? "[" + host + "]" : host;
        return "postgresql://" + user + "@" + written + ":" + port + "/" + database;
    }

    /**
     * The same with a password that comes from elsewhere.
     *
     * @throws Refused if the URI has one itself
     */
    public ConnectionUri withPassword(String given) {
        if (password != null) {
            throw new Refused(List.of(new Fault(
                    VARIABLE, "has a password, and DB_PASSWORD_FILE names another", "leave one of them out")));
        }
        return new ConnectionUri(
                host,
                port,
                user,
                given,
                database,
                sslMode,
                sslRootCert,
                sslCert,
                sslKey,
                connectTimeout,
                applicationName);
    }

    /** Reads a URI that nothing overrides. */
    public static ConnectionUri parse(String uri) {
        return parse(uri, null, null);
    }

    /**
     * Reads a URI and settles how connections are encrypted, by libpq's rules: {@code prefer} where nothing is said;
     * {@code require} with a root certificate verifies as {@code verify-ca} does; {@code system} roots mean nothing below
     * {@code verify-full}.
     *
     * @param sslModeInstead instead of the URI's {@code sslmode}; null or blank for none
     * @param rootCertInstead instead of the URI's {@code sslrootcert}; null or blank for none
     * @throws Refused naming all that is wrong, never with the password in it
     */
    public static ConnectionUri parse(String uri, @Nullable String sslModeInstead, @Nullable String rootCertInstead) {
        return new UriReader(sslModeInstead, rootCertInstead).read(uri);
    }

    /**
     * One thing that is wrong with a URI. Neither text has any part of the password in it.
     *
     * @param key what is wrong, such as {@code DATABASE_URL} or, for a parameter, {@code DATABASE_URL?sslmode}
     * @param why to be said after the key
     * @param mend what to do, a sentence without its full stop
     */
    public record Fault(String key, String why, String mend) {

        private String text() {
            String subject = key.startsWith(PARAMETER)
                    ? "the parameter '" + key.substring(PARAMETER.length()) + "'"
                    : key.equals(VARIABLE) ? "it" : key;
            return subject + " " + why + "; " + mend;
        }
    }

    /** A URI that can't be used, with all that was found wrong. */
    public static final class Refused extends IllegalArgumentException {

        private final transient List<Fault> faults;

        Refused(List<Fault> faults) {
            super(VARIABLE + " is not usable: "
                    + faults.stream().map(Fault::text).collect(joining(". And ")) + ".");
            this.faults = List.copyOf(faults);
        }

        public List<Fault> faults() {
            return faults;
        }
    }
}
