package dev.holdfast.fire;

import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Database;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Cut;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.Proxy.End;
import dev.holdfast.testkit.Proxy.Way;
import dev.holdfast.testkit.RawClient;
import dev.holdfast.testkit.RawClient.Answer;
import dev.holdfast.testkit.StoredItems;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An append whose connection to PostgreSQL ends at any byte of their exchange. */
@QuarkusTest
@TestProfile(UnderFire.class)
class CutAtAnyByteTest {

    /** What is cut: the exchange of one append alone, or with the making of its connection before it. */
    private enum Exchange {
        ALONE,
        WITH_CONNECTING
    }

    @Inject
    Database pool;

    OwnServer database;

    private final RawClient client = new RawClient();
    private final List<String> acknowledged = new ArrayList<>();
    private String conversation;
    private String path;

    @BeforeEach
    void begin() {
        conversation = newConversation();
        path = "/v1/conversations/" + conversation + "/items";
    }

    @AfterEach
    void mend() {
        database.proxy().forward();
    }

    @ParameterizedTest
    @CsvSource({
        "ALONE, TO_SERVER, CLOSE, true, 17",
        "ALONE, TO_CLIENT, CLOSE, true, 1",
        "ALONE, TO_CLIENT, RESET, false, 3",
        "WITH_CONNECTING, TO_SERVER, CLOSE, false, 29",
        "WITH_CONNECTING, TO_CLIENT, CLOSE, true, 17"
    })
    void isDoneOnceAndAnswered(Exchange exchange, Way way, End end, boolean keyed, int stride) throws Exception {
        int at = ThreadLocalRandom.current().nextInt(stride);
        while (appendCutAt(at, exchange, way, end, keyed)) {
            at += stride;
        }
        assertThat(at).as("bytes of the exchange").isGreaterThan(way == Way.TO_SERVER ? 300 : 20);
        assertThat(stored()).isEqualTo(acknowledged);
    }

    @ParameterizedTest
    @CsvSource({
        "ALONE, TO_SERVER, CLOSE, true, 2",
        "ALONE, TO_SERVER, RESET, false, 2",
        "WITH_CONNECTING, TO_SERVER, CLOSE, true, 5",
        "WITH_CONNECTING, TO_CLIENT, RESET, false, 5"
    })
    @Tag("fire")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void isDoneOnceAndAnsweredAtManyMoreBytes(Exchange exchange, Way way, End end, boolean keyed, int stride)
            throws Exception {
        isDoneOnceAndAnswered(exchange, way, end, keyed, stride);
    }

    /** Whether the exchange has so many bytes. */
    private boolean appendCutAt(int at, Exchange exchange, Way way, End end, boolean keyed)
            throws IOException, InterruptedException {
        while (true) {
            prepare(exchange);
            String text = way + " " + at + " " + acknowledged.size();
            String key = keyed ? UUID.randomUUID().toString() : null;
            PoolFigures before = pool.figures();
            Cut cut = Cut.after(at, way, end);
            database.proxy().cut(cut);
            Answer answer = client.post(path, message(text), key);
            boolean made = cut.made();
            database.proxy().forward();
            assertThat(answer.status()).as("%s: %s", text, answer.body()).isEqualTo(200);
            acknowledged.add(text);
            if (keyed) {
                assertThat(client.post(path, message(text), key)).isEqualTo(answer);
            }
            if (!made) {
                return false;
            }
            if (wasOfThePool(before)) {
                return true;
            }
        }
    }

    private void prepare(Exchange exchange) {
        if (exchange == Exchange.WITH_CONNECTING) {
            database.proxy().hangUp();
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> pool.figures().idle() == 0);
        }
    }

    /** Whether it was a connection of the pool that was cut, and not the monitor's. */
    private boolean wasOfThePool(PoolFigures before) {
        PoolFigures now = pool.figures();
        return now.dropped() + now.connectFailures() > before.dropped() + before.connectFailures();
    }

    @ParameterizedTest
    @CsvSource({"TO_SERVER, 200", "TO_CLIENT, 40"})
    void withNoWayBackTheOutcomeOfWhatWasSentIsUnknownAndThatOfNothingElse(Way way, int stride) throws Exception {
        RawClient hasty = new RawClient(Api.KEY, Duration.ofMillis(200));
        List<String> unknown = new ArrayList<>();
        List<String> undone = new ArrayList<>();
        int at = ThreadLocalRandom.current().nextInt(stride);
        boolean cutShort = true;
        while (cutShort) {
            assertThat(client.get("/v1/conversations/" + conversation).status()).isEqualTo(200);
            prepare(Exchange.WITH_CONNECTING);
            String text = way + " " + at + " " + (acknowledged.size() + unknown.size() + undone.size());
            PoolFigures before = pool.figures();
            Cut cut = Cut.after(at, way, End.CLOSE).then(database.proxy()::refuse);
            database.proxy().cut(cut);
            Answer answer = hasty.post(path, message(text), null);
            boolean made = cut.made();
            cutShort = made || answer.status() != 200;
            database.proxy().forward();
            boolean sent = pool.figures().acquired() > before.acquired();
            if (answer.status() == 200) {
                acknowledged.add(text);
            } else {
                assertThat(answer.code())
                        .as(text)
                        .isIn(sent ? "write_outcome_unknown" : "database_unavailable", "deadline_exceeded");
                assertThat(answer.neverRetry()).as(text).isEqualTo(sent);
                (sent ? unknown : undone).add(text);
                at += made && wasOfThePool(before) ? stride : 0;
            }
        }
        assertThat(stored())
                .containsAll(acknowledged)
                .doesNotContainAnyElementsOf(undone)
                .doesNotHaveDuplicates();
        assertThat(unknown).isNotEmpty();
        assertThat(undone).isNotEmpty();
    }

    /** The answer to the first sending is lost; then, at some byte of the second or of what asks about it, all else is. */
    @Test
    void whoseLateSendingsAreLostTooIsNeverToBeTriedAgain() throws Exception {
        int stride = 43;
        int at = ThreadLocalRandom.current().nextInt(stride);
        int unknown = 0;
        boolean cutShort = true;
        while (cutShort) {
            // Once its statement is prepared, the first bytes that come back say that it is done.
            await().until(() -> client.post(path, message("before"), null).status() == 200);
            String text = "late " + at + " " + UUID.randomUUID();
            LockOut lockOut = new LockOut();
            Cut last = Cut.after(at, Way.TO_SERVER, End.RESET).then(lockOut::begin);
            Cut first = Cut.after(0, Way.TO_CLIENT, End.RESET)
                    .then(() -> database.proxy().cut(last));
            PoolFigures before = pool.figures();
            database.proxy().cut(first);
            Answer answer = client.post(path, message(text), null);
            cutShort = last.made() || answer.status() != 200;
            database.proxy().forward();
            lockOut.end();
            if (answer.status() == 200) {
                acknowledged.add(text);
            } else {
                assertThat(answer.code()).as("%s: %s", text, answer.body()).isEqualTo("write_outcome_unknown");
                assertThat(answer.neverRetry()).as(text).isTrue();
                unknown++;
            }
            at += wasOfThePool(before) ? stride : 0;
        }
        assertThat(stored())
                .filteredOn(text -> !text.equals("before"))
                .containsAll(acknowledged)
                .doesNotHaveDuplicates();
        assertThat(unknown).isPositive();
    }

    /** Nobody gets a connection, nor keeps one. It begins on a thread of the proxy, which may be late. */
    private final class LockOut {

        private boolean over;

        synchronized void begin() {
            if (!over) {
                database.rejectLogIns();
                database.proxy().hangUp();
            }
        }

        synchronized void end() {
            over = true;
            database.acceptLogIns();
        }
    }

    private List<String> stored() {
        return StoredItems.texts(database.database(), conversation);
    }
}
