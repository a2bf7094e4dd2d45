package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionOptionsTest {

    private final TestConfig config = new TestConfig();

    @ParameterizedTest(name = "URI {0}, setting {1}, root certificate {2}: {3}")
    @CsvSource({
        ",           ,          ,         PREFER",
        "disable,    ,          ,         DISABLE",
        "allow,      ,          ,         ALLOW",
        "prefer,     ,          ,         PREFER",
        "require,    ,          ,         REQUIRE",
        "verify-ca,  ,          root.pem, VERIFY_CA",
        "verify-full,,          root.pem, VERIFY_FULL",
        "require,    ,          root.pem, VERIFY_CA",
        "prefer,     ,          root.pem, PREFER",
        "disable,    ,          root.pem, DISABLE",
        ",           ,          system,   VERIFY_FULL",
        "verify-full,,          system,   VERIFY_FULL",
        "disable,    require,   ,         REQUIRE",
        "require,    disable,   ,         DISABLE",
        "require,    ' ',       ,         REQUIRE",
        ",           verify-ca, root.pem, VERIFY_CA",
    })
    void sslmodeHasLibpqsMeaning(String inUri, String setting, String rootCert, SslMode effective) {
        set(inUri, setting, rootCert);
        assertThat(new SessionOptions(config).sslMode()).isEqualTo(effective);
    }

    @ParameterizedTest(name = "URI {0}, setting {1}, root certificate {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "verify-ca   |           |        | the parameter 'sslmode' is verify-ca, which needs a root certificate",
                "verify-full |           |        | the parameter 'sslmode' is verify-full, which needs a root certificate",
                "prefer      | verify-ca |        | DB_SSLMODE is verify-ca, which needs a root certificate",
                "require     |           | system | 'sslmode' is require, but sslrootcert=system needs verify-full",
                "verify-ca   |           | system | 'sslmode' is verify-ca, but sslrootcert=system needs verify-full",
                "disable     |           | system | 'sslmode' is disable, but sslrootcert=system needs verify-full",
                "            | verify    |        | DB_SSLMODE is none of libpq's modes; write disable",
            })
    void contradictionsAreRefused(String inUri, String setting, String rootCert, String reason) {
        set(inUri, setting, rootCert);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionOptions(config))
                .withMessageContaining(reason);
    }

    @Test
    void aRootCertificateInTheSettingOverridesTheUris() {
        config.url = Optional.of("postgresql://u@h?sslmode=verify-ca&sslrootcert=system");
        config.sslRootCert = Optional.of("root.pem");
        assertThat(new SessionOptions(config).sslMode()).isEqualTo(SslMode.VERIFY_CA);
    }

    @Test
    void aMissingUrlIsRefused() {
        for (Optional<String> missing : List.of(Optional.<String>empty(), Optional.of(" "))) {
            config.url = missing;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SessionOptions(config))
                    .withMessage("DATABASE_URL is not set: give it as postgresql://user:password@host:port/database.");
        }
    }

    @Test
    void settingsAreSentWithTheConnection() {
        config.statementTimeout = Duration.ofMillis(1500);
        config.idleInTransactionTimeout = Duration.ZERO;
        config.synchronousCommit = "remote_apply";

        assertThat(new SessionOptions(config).options().getProperties())
                .containsEntry("application_name", "holdfast")
                .containsEntry("jit", "off")
                .containsEntry("TimeZone", "UTC")
                .containsEntry("client_encoding", "utf8")
                .containsEntry("statement_timeout", "1500")
                .containsEntry("idle_in_transaction_session_timeout", "0")
                .containsEntry("synchronous_commit", "remote_apply");
    }

    @Test
    void theUrisApplicationNameAndConnectTimeoutComeFirst() {
        config.url = Optional.of("postgresql://u@h?application_name=mine&connect_timeout=3");
        SessionOptions session = new SessionOptions(config);

        assertThat(session.options().getProperties()).containsEntry("application_name", "mine");
        assertThat(session.connectTimeout(config)).isEqualTo(Duration.ofSeconds(3));
        assertThat(new SessionOptions(new TestConfig()).connectTimeout(config)).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aStatementCacheOfZeroIsNone() {
        assertThat(new SessionOptions(config).options().getPreparedStatementCacheMaxSize())
                .isEqualTo(200);
        config.statementCacheSize = 0;
        assertThat(new SessionOptions(config).options().getCachePreparedStatements())
                .isFalse();
    }

    @Test
    void theTextFormShowsNoPassword() {
        assertThat(new SessionOptions(config))
                .hasToString("postgresql://holdfast@db.example:5432/holdfast (sslmode prefer)");
    }

    private void set(String inUri, String setting, String rootCert) {
        config.url = Optional.of("postgresql://u:p@h/d" + (inUri == null ? "" : "?sslmode=" + inUri));
        config.sslMode = Optional.ofNullable(setting);
        config.sslRootCert = Optional.ofNullable(rootCert);
    }
}
