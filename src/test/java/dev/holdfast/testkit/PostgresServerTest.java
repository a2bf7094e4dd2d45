package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

    private static final String ROLE = "somebody";

    private static PostgresServer server;
    private static TestDatabase database;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(Map.of("max_connections", "10"));
        server.administration().execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD 'first'");
        server.admit("host all all localhost scram-sha-256");
        server.reload();
        database = server.administration().beside(false);
        database.execute("CREATE TABLE kept (n int)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatWasCommittedOutlivesAKill() throws SQLException {
        try (Connection open = database.connection()) {
            database.execute("INSERT INTO kept VALUES (1)");
            server.kill();

            assertThatThrownBy(() -> open.createStatement().execute("SELECT 1")).isInstanceOf(SQLException.class);
            assertThatThrownBy(database::connection).isInstanceOf(SQLException.class);
        }
        long before = System.nanoTime();
        assertThat(server.start()).isGreaterThan(before);

        assertThat(database.query("SELECT FROM kept WHERE n = 1")).hasSize(1);
        assertThat(database.value(String.class, "SHOW synchronous_commit")).isEqualTo("on");
    }

    @Test
    void itIsStoppedInOrderAndStartedOnTheSamePort() {
        int port = server.port();
        server.stop();
        assertThatThrownBy(database::connection).isInstanceOf(SQLException.class);
        server.start();

        assertThat(database.value(Integer.class, "SELECT inet_server_port()")).isEqualTo(port);
        assertThat(server.log()).contains("received fast shutdown request").contains("database system is shut down");
    }

    @Test
    void itRunsOutOfConnectionsAndHasThemAgain() throws SQLException {
        try (PostgresServer.Hoard hoard = server.hoard(url("first"))) {
            assertThat(hoard.taken()).isNotEmpty();
            assertThatThrownBy(() -> login("first")).extracting("SQLState").isEqualTo("53300");
        }
        await().ignoreExceptionsInstanceOf(SQLException.class).until(() -> login("first"));
    }

    @Test
    void backendsOfARoleAreTerminatedAsManyAsAskedFor() throws SQLException {
        try (Connection first = TestDatabase.at(url("first")).connection();
                Connection second = TestDatabase.at(url("first")).connection()) {
            assertThat(server.terminate(ROLE, 1)).isEqualTo(1);
            await().until(() -> first.isValid(5) != second.isValid(5));
            assertThat(server.terminate(ROLE, 5)).isEqualTo(1);
        }
    }

    @Test
    void aPasswordIsRotatedAndTheOldOneRefused() throws SQLException {
        assertThat(login("first")).isTrue();
        server.administration().execute("ALTER ROLE " + ROLE + " PASSWORD 'second'");

        assertThatThrownBy(() -> login("first")).extracting("SQLState").isEqualTo("28P01");
        assertThat(login("second")).isTrue();
        server.administration().execute("ALTER ROLE " + ROLE + " PASSWORD 'first'");
    }

    @Test
    void readOnlyIsToldToSessionsThatThereAre() throws SQLException {
        try (Connection connection = database.connection();
                Statement statement = connection.createStatement()) {
            server.readOnly(true);
            assertThatThrownBy(() -> statement.execute("INSERT INTO kept VALUES (2)"))
                    .extracting("SQLState")
                    .isEqualTo("25006");

            server.readOnly(false);
            statement.execute("INSERT INTO kept VALUES (3)");
        }
    }

    private static String url(String password) {
        return "postgresql://" + ROLE + ":" + password + "@localhost:" + server.port() + "/postgres?sslmode=disable";
    }

    private static boolean login(String password) throws SQLException {
        try (Connection connection = TestDatabase.at(url(password)).connection()) {
            return connection.isValid(5);
        }
    }
}
