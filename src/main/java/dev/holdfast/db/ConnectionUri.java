package dev.holdfast.db;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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

    private static final Set<String> OURS = Set.of(
            "sslmode",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "connect_timeout",
            "application_name",
            "user",
            "password",
            "host",
            "port",
            "dbname");

    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
        String written = host.contains(":") ? "[" + host + "]" : host;
        return "postgresql://" + user + "@" + written + ":" + port + "/" + database;
    }

    /**
     * The same with a password that comes from elsewhere.
     *
     * @throws IllegalArgumentException if the URI has one itself
     */
    public ConnectionUri withPassword(String given) {
        if (password != null) {
            throw bad("it has a password, and DB_PASSWORD_FILE names another: leave one of them out");
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
     * @throws IllegalArgumentException naming what is wrong, never with the password in it
     */
    public static ConnectionUri parse(String uri, @Nullable String sslModeInstead, @Nullable String rootCertInstead) {
        String rest = withoutScheme(uri.strip());
        String authority = rest.split("[/?]", 2)[0];
        if (rest.indexOf('@', authority.length()) >= 0) {
            // Were it read on, the password's rest would be taken for a database or a parameter, and shown.
            throw bad("an '@' stands after the host; in the user name or password '/' must be written as %2F and '?' as"
                    + " %3F, and elsewhere '@' as %40");
        }
        String[] parts = rest.substring(authority.length()).split("\\?", 2);
        String path = parts[0];
        if (authority.contains("#") || path.contains("#")) {
            throw bad("'#' must be written as %23");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        if (parts.length > 1) {
            parseParameters(parts[1], parameters);
        }
        String database = path.isEmpty() ? "" : decode(path.substring(1), "the database name");
        int at = authority.lastIndexOf('@');
        String userInfo = at < 0 ? "" : authority.substring(0, at);
        if (userInfo.contains("@")) {
            throw bad("'@' in the user name or password must be written as %40");
        }
        int colon = userInfo.indexOf(':');
        String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon), "the user name");
        String password = colon < 0 ? null : decode(userInfo.substring(colon + 1), "the password");
        HostPort address = HostPort.parse(authority.substring(at + 1));

        user = parameters.getOrDefault("user", user);
        database = parameters.getOrDefault("dbname", database);
        String host = parameters.getOrDefault("host", address.host);
        if (host.isEmpty()) {
            throw bad("it names no host");
        }
        if (host.startsWith("/")) {
            throw bad("Unix-domain sockets are not supported; name a host");
        }
        if (host.contains(",")) {
            throw bad("it names several hosts, and only one is supported; put a proxy or a DNS name in front of them");
        }
        if (user.isEmpty()) {
            throw bad("it names no user");
        }
        if (parameters.containsKey("sslcert") != parameters.containsKey("sslkey")) {
            throw bad("sslcert and sslkey must be given together");
        }
        String timeout = parameters.get("connect_timeout");
        String sslMode = isBlank(sslModeInstead) ? parameters.get("sslmode") : sslModeInstead;
        String rootCert = isBlank(rootCertInstead) ? parameters.get("sslrootcert") : rootCertInstead;
        return new ConnectionUri(
                host,
                parameters.containsKey("port") ? port(parameters.get("port")) : address.port,
                user,
                parameters.getOrDefault("password", password),
                database.isEmpty() ? user : database,
                effective(sslMode, rootCert),
                rootCert,
                parameters.get("sslcert"),
                parameters.get("sslkey"),
                timeout == null ? null : seconds(timeout),
                parameters.get("application_name"));
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    private static SslMode effective(@Nullable String asked, @Nullable String rootCert) {
        boolean system = "system".equals(rootCert);
        if (asked == null) {
            return system ? SslMode.VERIFY_FULL : SslMode.PREFER;
        }
        SslMode mode = SslMode.of(asked).orElseThrow(() -> bad("sslmode must be " + SslMode.VALUES));
        if (system && mode != SslMode.VERIFY_FULL) {
            throw bad("sslrootcert=system needs sslmode=verify-full, not " + asked
                    + ", because a public root signs certificates for anybody");
        }
        if (rootCert == null && (mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL)) {
            throw bad("sslmode=" + asked + " needs a root certificate: set DB_SSLROOTCERT to a PEM file, or to system");
        }
        return mode == SslMode.REQUIRE && rootCert != null ? SslMode.VERIFY_CA : mode;
    }

    private static String withoutScheme(String uri) {
        for (String scheme : new String[] {"postgresql://", "postgres://"}) {
            if (uri.startsWith(scheme)) {
                return uri.substring(scheme.length());
            }
        }
        int end = uri.indexOf("://");
        String found = end < 0 ? "" : uri.substring(0, end);
        if (found.matches("((jdbc|r2dbc|vertx-reactive):)?postgres(ql)?([+:][a-z0-9_]+)?")) {
            throw bad("it starts with " + found + ":// as another driver wants it; write postgresql://");
        }
        throw bad("it must start with postgresql://");
    }

    private static void parseParameters(String query, Map<String, String> parameters) {
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals), "a parameter's name");
            if (!OURS.contains(name) && parameters.containsKey("password")) {
                throw bad("a parameter after the password is unknown; '&' in a password must be written as %26");
            }
            if (!OURS.contains(name)) {
                throw bad("the parameter '" + name + "' is unknown; known are sslmode, sslrootcert, sslcert, sslkey,"
                        + " connect_timeout and application_name. Pool sizes, timeouts and statement caches have settings"
                        + " of their own (DB_CONNECTION_LIMIT, DB_POOL_TIMEOUT, DB_STATEMENT_TIMEOUT,"
                        + " DB_STATEMENT_CACHE_SIZE)");
            }
            if (equals < 0) {
                throw bad("the parameter '" + name + "' has no value");
            }
            if (parameters.put(name, decode(pair.substring(equals + 1), "the parameter '" + name + "'")) != null) {
                throw bad("the parameter '" + name + "' stands twice");
            }
        }
    }

    private static String decode(String text, String what) {
        String decoded;
        try {
            decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw bad(what + " holds a '%' that is not followed by two hexadecimal digits; write %25");
        }
        if (decoded.indexOf('\0') >= 0) {
            throw bad(what + " holds %00, which PostgreSQL can't take");
        }
        return decoded;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // told below, as for a number out of range
        }
        throw bad("the port must be a number from 1 to 65535");
    }

    private static @Nullable Duration seconds(String text) {
        if (!text.matches("[0-9]{1,6}")) {
            throw bad("connect_timeout must be a whole number of seconds");
        }
        int seconds = Integer.parseInt(text);
        return seconds == 0 ? null : Duration.ofSeconds(seconds);
    }

    private static IllegalArgumentException bad(String why) {
        return new IllegalArgumentException("DATABASE_URL is not usable: " + why + '.');
    }

    private record HostPort(String host, int port) {

        static HostPort parse(String text) {
            if (text.contains(",")) {
                return new HostPort(text, 5432);
            }
            if (text.startsWith("[")) {
                int end = text.indexOf(']');
                if (end < 0) {
                    throw bad("the IPv6 address has no closing bracket");
                }
                String after = text.substring(end + 1);
                if (!after.isEmpty() && !after.startsWith(":")) {
                    throw bad("something other than a port follows the IPv6 address");
                }
                return new HostPort(
                        text.substring(1, end), after.length() > 1 ? ConnectionUri.port(after.substring(1)) : 5432);
            }
            int colon = text.indexOf(':');
            String host = decode(colon < 0 ? text : text.substring(0, colon), "the host");
            String port = colon < 0 ? "" : text.substring(colon + 1);
            return new HostPort(host, port.isEmpty() ? 5432 : ConnectionUri.port(port));
        }
    }
}
