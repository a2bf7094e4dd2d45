package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void aPasswordFileIsReadForEveryConnection(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "first\n");
        config.url = Optional.of("postgresql://holdfast@db.example/holdfast");
        config.passwordFile = Optional.of(file);
        SessionOptions options = new SessionOptions(config);
        assertThat(password(options)).isEqualTo("first");

        Files.writeString(file, "second\r\nnot this\n");
        assertThat(password(options)).isEqualTo("second");
        assertThat(options.toString()).doesNotContain("first", "second");
    }

    @Test
    void aPasswordFileThatIsGoneRejectsTheAttemptAndSaysWhy(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "first");
        config.url = Optional.of("postgresql://holdfast@db.example/holdfast");
        config.passwordFile = Optional.of(file);
        SessionOptions options = new SessionOptions(config);
        Files.delete(file);

        assertThatThrownBy(() -> password(options))
                .cause()
                .isInstanceOf(ConnectFailure.class)
                .hasMessage("the password file " + file + " can't be read")
                .extracting(failure -> ((ConnectFailure) failure).kind())
                .isEqualTo(DbException.Kind.CREDENTIALS_REJECTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\nsecond line\n"})
    void aPasswordFileWithoutAPasswordStopsTheStart(String content, @TempDir Path directory) throws Exception {
        config.url = Optional.of("postgresql://holdfast@db.example/holdfast");
        config.passwordFile = Optional.of(Files.writeString(directory.resolve("password"), content));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionOptions(config))
                .withMessageStartingWith("holdfast.db.password-file (DB_PASSWORD_FILE): the password file ")
                .withMessageEndingWith(" has no password in its first line");
    }

    @Test
    void aPasswordFileThatIsMissingOrFarTooLongStopsTheStart(@TempDir Path directory) throws Exception {
        config.url = Optional.of("postgresql://holdfast@db.example/holdfast");
        config.passwordFile = Optional.of(directory.resolve("nothing"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionOptions(config))
                .withMessageContaining("can't be read");

        config.passwordFile = Optional.of(Files.writeString(directory.resolve("long"), "x".repeat(4097)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionOptions(config))
                .withMessageContaining("longer than 4096 bytes");
    }

    @Test
    void aPasswordInTheUriAndInAFileIsAContradiction(@TempDir Path directory) throws Exception {
        config.passwordFile = Optional.of(Files.writeString(directory.resolve("password"), "marked-in-the-file"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionOptions(config))
                .withMessageContaining("DB_PASSWORD_FILE names another")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "marked"));
    }

    private static String password(SessionOptions options) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            return options.password(vertx)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    private void set(String inUri, String setting, String rootCert) {
        config.url = Optional.of("postgresql://u:p@h/d" + (inUri == null ? "" : "?sslmode=" + inUri));
        config.sslMode = Optional.ofNullable(setting);
        config.sslRootCert = Optional.ofNullable(rootCert);
    }
}
