package dev.holdfast.db;

import static dev.holdfast.db.ConnectionUri.PARAMETER;
import static dev.holdfast.db.ConnectionUri.VARIABLE;

import dev.holdfast.db.ConnectionUri.Fault;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one URI to its end, whatever it finds wrong, so that everything can be mended at once. */
final class UriReader {

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

    private static final String KNOWN =
            "leave it out; known are sslmode, sslrootcert, sslcert, sslkey, connect_timeout and application_name, while"
                    + " pool sizes, timeouts and statement caches have settings of their own (DB_CONNECTION_LIMIT,"
                    + " DB_POOL_TIMEOUT, DB_STATEMENT_TIMEOUT, DB_STATEMENT_CACHE_SIZE)";

    /** libpq's modes as other drivers, or people in a hurry, write them. */
    private static final Map<String, SslMode> SPELLINGS = Map.of(
            "no-verify", SslMode.REQUIRE,
            "required", SslMode.REQUIRE,
            "preferred", SslMode.PREFER,
            "disabled", SslMode.DISABLE,
            "false", SslMode.DISABLE,
            "true", SslMode.VERIFY_FULL,
            "strict", SslMode.VERIFY_FULL,
            "full", SslMode.VERIFY_FULL,
            "verify-identity", SslMode.VERIFY_FULL);

    private final @Nullable String sslModeInstead;
    private final @Nullable String rootCertInstead;
    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, String> parameters = new LinkedHashMap<>();

    private record HostPort(String host, int port) {}

    UriReader(@Nullable String sslModeInstead, @Nullable String rootCertInstead) {
        this.sslModeInstead = isBlank(sslModeInstead) ? null : sslModeInstead;
        this.rootCertInstead = isBlank(rootCertInstead) ? null : rootCertInstead;
    }

    ConnectionUri read(String uri) {
        String rest = withoutScheme(uri.strip());
        String authority = rest.split("[/?]", 2)[0];
        if (rest.indexOf('@', authority.length()) >= 0) {
            // Were it read on, the password's rest would be taken for a database or a parameter, and shown.
            throw refused(
                    "has an '@' after the host",
                    "in the user name or password write '/' as %2F and '?' as %3F, and elsewhere '@' as %40");
        }
        String[] parts = rest.substring(authority.length()).split("\\?", 2);
        String path = parts[0];
        if (parts.length > 1) {
            readParameters(parts[1]);
        }
        if (authority.contains("#") || path.contains("#")) {
            bad("has a '#' that is not encoded", "write it as %23");
        }
        String database = path.isEmpty() ? "" : decode(path.substring(1), "the database name");
        int at = authority.lastIndexOf('@');
        String userInfo = at < 0 ? "" : authority.substring(0, at);
        if (userInfo.contains("@")) {
            bad("has an '@' that is not encoded in the user name or password", "write it as %40");
        }
        int colon = userInfo.indexOf(':');
        String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon), "the user name");
        String password = colon < 0 ? null : decode(userInfo.substring(colon + 1), "the password");
        HostPort address = hostAndPort(authority.substring(at + 1));
        String host = checked(parameters.getOrDefault("host", address.host));
        user = parameters.getOrDefault("user", user);
        if (user.isEmpty()) {
            bad("names no user", "write postgresql://user:password@host:port/database");
        }
        database = parameters.getOrDefault("dbname", database);
        if (parameters.containsKey("sslcert") != parameters.containsKey("sslkey")) {
            bad("has only one of sslcert and sslkey", "sslcert and sslkey must be given together");
        }
        String rootCert = rootCertInstead == null ? parameters.get("sslrootcert") : rootCertInstead;
        String port = parameters.get("port");
        String timeout = parameters.get("connect_timeout");
        ConnectionUri read = new ConnectionUri(
                host,
                port == null ? address.port : port(port),
                user,
                parameters.getOrDefault("password", password),
                database.isEmpty() ? user : database,
                sslMode(rootCert),
                rootCert,
                parameters.get("sslcert"),
                parameters.get("sslkey"),
                timeout == null ? null : seconds(timeout),
                parameters.get("application_name"));
        if (!faults.isEmpty()) {
            throw new ConnectionUri.Refused(faults);
        }
        return read;
    }

    private String withoutScheme(String uri) {
        for (String scheme : new String[] {"postgresql://", "postgres://"}) {
            if (uri.startsWith(scheme)) {
                return uri.substring(scheme.length());
            }
        }
        int end = uri.indexOf("://");
        String found = end < 0 ? "" : uri.substring(0, end);
        if (found.matches("((jdbc|r2dbc|vertx-reactive):)?postgres(ql)?([+:][a-z0-9_]+)?")) {
            bad("starts with " + found + ":// as another driver wants it", "write postgresql://");
            return uri.substring(end + 3);
        }
        throw refused("starts with something else", "it must start with postgresql://");
    }

    private void readParameters(String query) {
        for (String pair : query.split("&", -1)) {
            if (!pair.isEmpty()) {
                readParameter(pair);
            }
        }
    }

    private void readParameter(String pair) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals), "a parameter's name");
        if (!OURS.contains(name)) {
            unknown(name);
        } else if (equals < 0) {
            badParameter(name, "has no value", "write " + name + "=...");
        } else if (parameters.put(name, decode(pair.substring(equals + 1), "the parameter '" + name + "'")) != null) {
            badParameter(name, "stands twice", "write it once");
        }
    }

    private void unknown(String name) {
        Optional<ForeignNames.Foreign> foreign = ForeignNames.ofParameter(name);
        if (foreign.isPresent()) {
            badParameter(
                    foreign.get().name(), foreign.get().why(), foreign.get().mend());
        } else if (parameters.containsKey("password")) {
            bad("has an unknown parameter after the password", "write '&' in a password as %26");
        } else if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
            bad("has a parameter without a proper name", KNOWN);
        } else {
            badParameter(name, "is unknown", KNOWN);
        }
    }

    private String checked(String host) {
        if (host.isEmpty()) {
            bad("names no host", "write postgresql://user:password@host:port/database");
        } else if (host.startsWith("/")) {
            bad("names a Unix-domain socket, which is not supported", "name a host");
        } else if (host.contains(",")) {
            bad(
                    "names several hosts, and only one is supported",
                    "put a proxy or a DNS name in front of them, and name that");
        }
        return host;
    }

    private SslMode sslMode(@Nullable String rootCert) {
        String asked = sslModeInstead == null ? parameters.get("sslmode") : sslModeInstead;
        boolean system = "system".equals(rootCert);
        if (asked == null) {
            return system ? SslMode.VERIFY_FULL : SslMode.PREFER;
        }
        String key = sslModeInstead == null ? PARAMETER + "sslmode" : "DB_SSLMODE";
        Optional<SslMode> known = SslMode.of(asked);
        if (known.isEmpty()) {
            faults.add(new Fault(key, "is none of libpq's modes", meant(asked)));
            return SslMode.PREFER;
        }
        SslMode mode = known.get();
        if (system && mode != SslMode.VERIFY_FULL) {
            faults.add(new Fault(
                    key,
                    "is " + asked
                            + ", but sslrootcert=system needs verify-full, because a public root signs certificates"
                            + " for anybody",
                    "write verify-full"));
        } else if (rootCert == null && (mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL)) {
            faults.add(new Fault(
                    key,
                    "is " + asked + ", which needs a root certificate",
                    "set DB_SSLROOTCERT to a PEM file, or to system"));
        }
        return mode == SslMode.REQUIRE && rootCert != null ? SslMode.VERIFY_CA : mode;
    }

    private static String meant(String asked) {
        String spelled = asked.toLowerCase(Locale.ROOT).replaceAll("[_ ]", "-");
        return SslMode.of(spelled)
                .or(() -> Optional.ofNullable(SPELLINGS.get(spelled)))
                .map(mode -> "write " + mode.value())
                .orElse("write " + SslMode.VALUES);
    }

    private HostPort hostAndPort(String text) {
        if (text.contains(",")) {
            return new HostPort(text, 5432);
        }
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0) {
                bad("has an IPv6 address without its closing bracket", "write [address]:port");
                return new HostPort(text, 5432);
            }
            String after = text.substring(end + 1);
            if (!after.isEmpty() && !after.startsWith(":")) {
                bad("has something other than a port after the IPv6 address", "write [address]:port");
                return new HostPort(text, 5432);
            }
            return new HostPort(text.substring(1, end), after.length() > 1 ? port(after.substring(1)) : 5432);
        }
        int colon = text.indexOf(':');
        String host = decode(colon < 0 ? text : text.substring(0, colon), "the host");
        String port = colon < 0 ? "" : text.substring(colon + 1);
        return new HostPort(host, port.isEmpty() ? 5432 : port(port));
    }

    private int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // told below, as for a number out of range
        }
        bad("has a port that is none", "the port must be a number from 1 to 65535");
        return 5432;
    }

    private @Nullable Duration seconds(String text) {
        if (!text.matches("[0-9]{1,6}")) {
            badParameter("connect_timeout", "is no whole number of seconds", "write connect_timeout=20");
            return null;
        }
        int seconds = Integer.parseInt(text);
        return seconds == 0 ? null : Duration.ofSeconds(seconds);
    }

    private String decode(String text, String what) {
        String decoded;
        try {
            decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            bad("has a '%' in " + what + " that two hexadecimal digits don't follow", "write it as %25");
            return "";
        }
        if (decoded.indexOf('\0') >= 0) {
            bad("has %00 in " + what, "leave it out: PostgreSQL can't take it");
        }
        return decoded;
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    private void bad(String why, String mend) {
        faults.add(new Fault(VARIABLE, why, mend));
    }

    private void badParameter(String name, String why, String mend) {
        faults.add(new Fault(PARAMETER + name, why, mend));
    }

    private ConnectionUri.Refused refused(String why, String mend) {
        bad(why, mend);
        return new ConnectionUri.Refused(faults);
    }
}
