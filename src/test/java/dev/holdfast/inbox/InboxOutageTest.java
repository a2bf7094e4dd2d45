package dev.holdfast.inbox;

import static dev.holdfast.inbox.Inbox.message;
import static dev.holdfast.inbox.Inbox.newSender;
import static dev.holdfast.inbox.Inbox.newSource;
import static dev.holdfast.inbox.Inbox.send;
import static dev.holdfast.inbox.Inbox.signed;
import static dev.holdfast.inbox.Inbox.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.inbox.Inbox.NewSource;
import dev.holdfast.testkit.Cut;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.Proxy;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The inbox while PostgreSQL is away, and what was accepted before. */
@QuarkusTest
@TestProfile(SmallPool.class)
class InboxOutageTest {

    @Inject
    Monitor monitor;

    @Inject
    Database pool;

    ProxiedDatabase database;

    private NewSource source;

    @BeforeEach
    void makeSource() {
        source = newSource();
    }

    @AfterEach
    void mend() {
        database.proxy().forward();
        await().until(() -> monitor.state().state() == DatabaseState.State.OK);
        await().until(() -> send(source, message(newSender(), "after it")).statusCode() == 202);
        await().until(() -> database.database().value(Long.class, "SELECT count(*) FROM inbox_senders") == 0);
        await().until(() -> pool.figures().inUse() == 0);
    }

    @Test
    void whilePostgresqlIsAwayNothingIsAcceptedAndTheSenderIsToldAtOnce() {
        String sender = newSender();
        database.proxy().refuse();
        database.proxy().reset();
        await().until(() ->
                send(source, message(sender, "x")).path("error.code").equals("database_unavailable"));

        send(source, message(sender, "x")).then().statusCode(503).header("Retry-After", notNullValue());
        signed(source.secret(), "m", message(sender, "x"))
                .post("/v1/inbox/{s}", source.id())
                .then()
                .statusCode(503)
                .body("error.code", is("database_unavailable"));
        signed(newSecret(), "m", message(sender, "x"))
                .post("/v1/inbox/{s}", source.id())
                .then()
                .statusCode(401);
        send(source, "{}").then().statusCode(400);
        assertThat(texts(database.database(), sender)).isEmpty();
    }

    private static String newSecret() {
        return Signature.newSecret();
    }

    /** Each connection is cut off after so many bytes, and replaced: what was under way is settled by sending it again. */
    @ParameterizedTest
    @ValueSource(ints = {1_500, 2_200, 3_000, 5_000})
    void aConnectionThatIsLostLosesAndDoublesNothing(int bytes) {
        String sender = newSender();
        database.proxy().cutEach(() -> Cut.after(bytes, Proxy.Way.TO_CLIENT, Proxy.End.RESET));
        database.proxy().hangUp();
        List<String> sent = List.of("one", "two", "three", "four");
        for (String text : sent) {
            await().until(() -> signed(source.secret(), "m-" + text, message(sender, text))
                            .post("/v1/inbox/{s}", source.id())
                            .statusCode()
                    == 202);
        }
        database.proxy().forward();

        await().until(() -> texts(database.database(), sender).size() >= sent.size());
        assertThat(texts(database.database(), sender)).isEqualTo(sent);
        assertThat(database.database()
                        .value(
                                Long.class,
                                "SELECT count(*) FROM inbox_messages WHERE external_id = ? AND state = 'done'",
                                sender))
                .isEqualTo(sent.size());
    }
}
