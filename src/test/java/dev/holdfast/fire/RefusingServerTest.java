package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.PostgresServer;
import dev.holdfast.testkit.RawClient;
import dev.holdfast.testkit.RawClient.Answer;
import dev.holdfast.testkit.StoredItems;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PostgreSQL is there and says no: each kind has its code, nothing is written, and it passes by itself. */
@QuarkusTest
@TestProfile(UnderFire.class)
class RefusingServerTest {

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    private final RawClient client = new RawClient();
    private String conversation;

    @BeforeEach
    void begin() {
        conversation = newConversation();
    }

    @AfterEach
    void nothingIsLeftOrWasWrittenButTheLast() throws Exception {
        await().until(() -> append("last").status() == 200);
        assertThat(StoredItems.texts(database.database(), conversation)).containsExactly("last");
        Rest.of(pool, monitor, database);
    }

    private Answer append(String text) throws IOException, InterruptedException {
        return client.post("/v1/conversations/" + conversation + "/items", message(text), null);
    }

    private void isRefused(Answer answer, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(Integer.parseInt(answer.retryAfter())).isPositive();
        assertThat(answer.neverRetry()).as("nothing was written").isFalse();
    }

    @Test
    void withoutAFreeConnectionItIsOverloaded() throws Exception {
        try (PostgresServer.Hoard hoard = database.hoard()) {
            assertThat(hoard.taken()).isNotEmpty();
            isRefused(append("refused"), "database_overloaded");
            isRefused(append("refused at once"), "database_overloaded");
            assertThat(pool.figures().lastConnectError()).isEqualTo("SQLSTATE 53300");
        }
    }

    @Test
    void asAStandbyItStillAnswersReads() throws Exception {
        database.server().readOnly(true);
        try {
            isRefused(append("refused"), "database_read_only");
            assertThat(client.get("/v1/conversations/" + conversation).status()).isEqualTo(200);
        } finally {
            database.server().readOnly(false);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "53100, database_full",
        "53400, database_overloaded",
        "55P03, database_overloaded",
        "40001, database_overloaded",
        "40P01, database_overloaded"
    })
    void whateverElseItRefusesAWriteFor(String sqlState, String code) throws Exception {
        database.database().execute("""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'on demand' USING ERRCODE = '%s'; END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON items FOR EACH STATEMENT EXECUTE FUNCTION refuse()
                """.formatted(sqlState));
        try {
            isRefused(append("refused"), code);
        } finally {
            database.database().execute("DROP TRIGGER refuse ON items; DROP FUNCTION refuse()");
        }
    }
}
