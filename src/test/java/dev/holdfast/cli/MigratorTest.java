package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
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
}
