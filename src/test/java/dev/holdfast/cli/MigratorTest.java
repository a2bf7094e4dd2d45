package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.TestDatabase;
import dev.holdfast.testkit.TlsServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;

class MigratorTest {

    @Test
    void theFirstRunAppliesEverythingAndTheSecondNothing() {
        try (TestDatabase database = TestDatabase.newUnmigratedDatabase()) {
            ConnectionUri uri = ConnectionUri.parse(database.url());

            Migrator.Outcome first = Migrator.migrate(uri);
            Migrator.Outcome second = Migrator.migrate(uri);

            assertThat(first.applied()).isNotEmpty().first().asString().startsWith("1 ");
            assertThat(second.applied()).isEmpty();
            assertThat(second.version()).isEqualTo(first.version());
        }
    }

    @Test
    void aLockThatIsNotToBeHadIsGivenUpInsteadOfBlockingTheService() throws SQLException {
        try (TestDatabase database = TestDatabase.newDatabase();
                Connection service = database.connection();
                Statement statement = service.createStatement()) {
            service.setAutoCommit(false);
            statement.execute("LOCK TABLE flyway_schema_history IN ACCESS EXCLUSIVE MODE");

            ConnectionUri uri = ConnectionUri.parse(database.url());
            assertThatThrownBy(() -> Migrator.migrate(uri))
                    .isInstanceOf(FlywayException.class)
                    .hasMessageContaining("55P03");
        }
    }

    @Test
    void aClientCertificateIsPresentedAsTheServicePresentsIt() throws Exception {
        Certificates certificates = Certificates.shared();
        TlsServer server = TlsServer.shared();
        server.use(TlsServer.Setup.tls(certificates.good)
                .asking(certificates.authority.certificate())
                .admitting("hostssl cert"));
        ConnectionUri uri = ConnectionUri.parse(server.url("localhost") + "?sslmode=verify-full&sslrootcert="
                + certificates.authority.certificate() + "&sslcert=" + certificates.client.certificate() + "&sslkey="
                + certificates.client.key());
        try (Connection connection = Migrator.dataSource(uri).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            rows.next();
            assertThat(rows.getString(1)).isEqualTo("/CN=holdfast");
        }
    }
}
