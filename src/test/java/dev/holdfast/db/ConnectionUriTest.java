package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionUriTest {

    @Test
    void everythingThatAUriCanSayIsRead() {
        ConnectionUri uri = ConnectionUri.parse("postgresql://ann:pw@db.example:6432/app?sslmode=verify-full"
                + "&sslrootcert=/etc/root.pem&sslcert=/etc/cert.pem&sslkey=/etc/key.pem&connect_timeout=7"
                + "&application_name=my%20app");

        assertThat(uri)
                .isEqualTo(new ConnectionUri(
                        "db.example",
                        6432,
                        "ann",
                        "pw",
                        "app",
                        SslMode.VERIFY_FULL,
                        "/etc/root.pem",
                        "/etc/cert.pem",
                        "/etc/key.pem",
                        Duration.ofSeconds(7),
                        "my app"));
    }

    static Stream<Arguments> good() {
        return Stream.of(
                Arguments.of("postgresql://u@h", "h", 5432, "u", null, "u"),
                Arguments.of("postgres://u@h/d", "h", 5432, "u", null, "d"),
                Arguments.of("  postgresql://u@h/d\n", "h", 5432, "u", null, "d"),
                Arguments.of("postgresql://u:@h:/d", "h", 5432, "u", "", "d"),
                Arguments.of("postgresql://u:p@h:1/", "h", 1, "u", "p", "u"),
                Arguments.of("postgresql://u:p@h:65535?sslmode=disable", "h", 65535, "u", "p", "u"),
                Arguments.of("postgresql://u%40corp:p%40%3A%2F%3F%23%25%26@h/d", "h", 5432, "u@corp", "p@:/?#%&", "d"),
                Arguments.of("postgresql://u:a+b%2Bc@h/d", "h", 5432, "u", "a+b+c", "d"),
                Arguments.of("postgresql://u:p:q@h/d", "h", 5432, "u", "p:q", "d"),
                Arguments.of("postgresql://u:p%C3%A9@h/%F0%9F%98%80", "h", 5432, "u", "pé", "😀"),
                Arguments.of("postgresql://u:p@h/d%23e%40f", "h", 5432, "u", "p", "d#e@f"),
                Arguments.of("postgresql://u:p@[::1]/d", "::1", 5432, "u", "p", "d"),
                Arguments.of("postgresql://u:p@[2001:db8::7]:6432/d", "2001:db8::7", 6432, "u", "p", "d"),
                Arguments.of("postgresql:///d?host=h&user=u&password=p&port=77", "h", 77, "u", "p", "d"),
                Arguments.of("postgresql://u:p@h/d?user=v&password=q&dbname=e&host=i", "i", 5432, "v", "q", "e"),
                Arguments.of("postgresql://h/d?user=u%40corp", "h", 5432, "u@corp", null, "d"),
                Arguments.of("postgresql://u:p@h/d?", "h", 5432, "u", "p", "d"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("good")
    void libpqsUrisAreRead(String text, String host, int port, String user, String password, String database) {
        ConnectionUri uri = ConnectionUri.parse(text);
        assertThat(uri.host()).isEqualTo(host);
        assertThat(uri.port()).isEqualTo(port);
        assertThat(uri.user()).isEqualTo(user);
        assertThat(uri.password()).isEqualTo(password);
        assertThat(uri.database()).isEqualTo(database);
    }

    @Test
    void whatIsNotSaidIsNullAndTheSslModePrefer() {
        ConnectionUri uri = ConnectionUri.parse("postgresql://u@h?connect_timeout=0");
        assertThat(uri.sslMode()).isEqualTo(SslMode.PREFER);
        assertThat(uri.sslRootCert()).isNull();
        assertThat(uri.sslCert()).isNull();
        assertThat(uri.sslKey()).isNull();
        assertThat(uri.connectTimeout()).as("libpq's for ever is nothing we do").isNull();
        assertThat(uri.applicationName()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "mysql://u:p@h/d | it must start with postgresql://",
                "u:p@h/d | it must start with postgresql://",
                "host=h user=u | it must start with postgresql://",
                "postgresql+asyncpg://u:p@h/d | it starts with postgresql+asyncpg:// as another driver wants it",
                "postgresql+psycopg2://u:p@h/d | it starts with postgresql+psycopg2:// as another driver wants it",
                "jdbc:postgresql://h/d?user=u | it starts with jdbc:postgresql:// as another driver wants it",
                "r2dbc:postgresql://u:p@h/d | it starts with r2dbc:postgresql:// as another driver wants it",
                "vertx-reactive:postgresql://h/d | it starts with vertx-reactive:postgresql:// as another driver",
                "postgresql://u:p@h1,h2/d | it names several hosts, and only one is supported",
                "postgresql://u:p@h1:5432,h2:5433/d | it names several hosts, and only one is supported",
                "postgresql:///d?host=h1,h2&user=u | it names several hosts, and only one is supported",
                "postgresql:///d?host=/var/run/postgresql&user=u | it names a Unix-domain socket, which is not supported; name a host",
                "postgresql://u:p@%2Fvar%2Frun/d | it names a Unix-domain socket, which is not supported; name a host",
                "postgresql://u:p@/d | it names no host",
                "postgresql:// | it names no host",
                "postgresql://h/d | it names no user",
                "postgresql://:p@h/d | it names no user",
                "postgresql://u:p@h:0/d | the port must be a number from 1 to 65535",
                "postgresql://u:p@h:65536/d | the port must be a number from 1 to 65535",
                "postgresql://u:p@h:x/d | the port must be a number from 1 to 65535",
                "postgresql://u:p@h/d?port=1,2 | the port must be a number from 1 to 65535",
                "postgresql://u:p@[::1/d | it has an IPv6 address without its closing bracket",
                "postgresql://u:p@[::1]x/d | it has something other than a port after the IPv6 address",
                "postgresql://u:p@h/d?sslmode=verify_full | the parameter 'sslmode' is none of libpq's modes; write verify-full",
                "postgresql://u:p@h/d?sslmode= | the parameter 'sslmode' is none of libpq's modes; write disable, allow, prefer",
                "postgresql://u:p@h/d?sslmode | the parameter 'sslmode' has no value",
                "postgresql://u:p@h/d?sslmode=require&sslmode=prefer | the parameter 'sslmode' stands twice",
                "postgresql://u:p@h/d?sslcert=c.pem | sslcert and sslkey must be given together",
                "postgresql://u:p@h/d?sslkey=k.pem | sslcert and sslkey must be given together",
                "postgresql://u:p@h/d?connect_timeout=2s | the parameter 'connect_timeout' is no whole number of seconds",
                "postgresql://u:p@h/d?connect_timeout=-1 | the parameter 'connect_timeout' is no whole number of seconds",
                "postgresql://u:p@h/%zz | it has a '%' in the database name that two hexadecimal digits don't follow; write it as %25",
                "postgresql://u:p@h/d?application_name=100% | it has a '%' in the parameter 'application_name'",
                "postgresql://u%00:p@h/d | it has %00 in the user name",
            })
    void badUrisAreRefusedWithTheReason(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionUri.parse(text))
                .withMessageStartingWith("DATABASE_URL is not usable: ")
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "command_timeout | asyncpg's; set DB_STATEMENT_TIMEOUT instead",
                "server_settings | asyncpg's; leave it out: each connection has jit=off",
                "statement_cache_size | asyncpg and Prisma's; set DB_STATEMENT_CACHE_SIZE instead",
                "pool_size | SQLAlchemy's; set DB_CONNECTION_LIMIT instead",
                "connection_limit | Prisma's; set DB_CONNECTION_LIMIT instead",
                "pgbouncer | Prisma's; set DB_STATEMENT_CACHE_SIZE=0 instead",
                "schema | Prisma's; set it on the role",
                "tcpKeepAlive | JDBC's; leave it out",
                "prepareThreshold | JDBC's; set DB_STATEMENT_CACHE_SIZE=0 instead",
                "idleTimeoutMillis | node-postgres'; set HOLDFAST_DB_IDLE_TIMEOUT instead, as in 500ms",
                "max | node-postgres'; set DB_CONNECTION_LIMIT instead",
                "pool | Rails'; set DB_CONNECTION_LIMIT instead",
                "options | libpq's; leave it out",
                "target_session_attrs | libpq's; name the one host",
                "channel_binding | libpq's; leave it out",
                "ssl | asyncpg, JDBC and node-postgres'; write sslmode into DATABASE_URL",
                "SSLMODE | nobody's; write sslmode into DATABASE_URL",
                "of_nobody | unknown; leave it out; known are sslmode",
            })
    void parametersThatWeCannotHonourAreRefusedByNameWithWhatToDo(String parameter, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionUri.parse("postgresql://u:p@h/d?" + parameter + "=1"))
                .withMessageContaining("the parameter '" + parameter + "' is " + reason);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatExceptionOfType(ConnectionUri.Refused.class)
                .isThrownBy(() -> ConnectionUri.parse(
                        "postgresql+asyncpg://u:p@h:x/d?command_timeout=60&server_settings=jit:off&sslmode=Require"))
                .satisfies(refusal -> assertThat(refusal.faults())
                        .extracting(ConnectionUri.Fault::key)
                        .containsExactly(
                                "DATABASE_URL",
                                "DATABASE_URL?command_timeout",
                                "DATABASE_URL?server_settings",
                                "DATABASE_URL",
                                "DATABASE_URL?sslmode"));
    }

    @ParameterizedTest
    @CsvSource({
        "verify_full, verify-full",
        "VERIFY-FULL, verify-full",
        "verify-identity, verify-full",
        "true, verify-full",
        "no-verify, require",
        "required, require",
        "false, disable",
    })
    void sslmodesInOthersSpellingAreRefusedWithLibpqs(String written, String meant) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionUri.parse("postgresql://u:p@h/d?sslrootcert=r.pem&sslmode=" + written))
                .withMessageContaining("is none of libpq's modes; write " + meant + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%20b", "%0Aforged", "%C3%A9", "=1&", "%41%zz"})
    void whatIsNoNameOfAParameterIsNotShown(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionUri.parse("postgresql://u:p@h/d?" + name + "=1"))
                .withMessageContaining("has a parameter without a proper name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:Geheim@h/d?port=x",
                "postgresql://u:Geh@eim@h/d",
                "postgresql://u:Geh#eim@h/d",
                "postgresql://u:Geh/eim@h/d",
                "postgresql://u:Geh?eim@h/d",
                "postgresql://u:Geh?eim=1@h/d",
                "postgresql://u:12/eim@h/d?user=u",
                "postgresql://u:12/Geh?eim=2@h/d",
                "postgresql://u:Geh@12/eim?Geh=2@h/d",
                "postgresql://u:Geh@12?eim@h/d",
                "postgresql://u:Geheim%@h/d",
                "postgresql://u:Geheim%00@h/d",
                "postgresql://u:Geheim@h1,h2/d",
                "postgresql://u:Geheim@h/d?pool=1",
                "postgresql+asyncpg://u:Geheim@h/d",
                "Geheim://u:Geheim@h/d",
                "postgresql://h/d?user=u&password=Geheim&port=x",
                "postgresql://h/d?user=u&password=Geh&eim",
                "postgresql://h/d?user=u&password=Geh&eim=1",
                "postgresql://h/d?user=u&password=Geheim%",
                "postgresql://:Geheim@h/d",
            })
    void noPartOfAPasswordIsEverInAMessage(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionUri.parse(text))
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("Geh", "eim"))
                .withNoCause();
    }

    @Test
    void theTextFormShowsNoPassword() {
        assertThat(ConnectionUri.parse("postgresql://u:Geheim@h:1/d?sslmode=require"))
                .hasToString("postgresql://u@h:1/d");
        assertThat(ConnectionUri.parse("postgresql://u:Geheim@[::1]/d")).hasToString("postgresql://u@[::1]:5432/d");
    }
}
