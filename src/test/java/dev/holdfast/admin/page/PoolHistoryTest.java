package dev.holdfast.admin.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.LatencyFigures;
import dev.holdfast.db.PoolFigures;
import io.vertx.core.json.JsonArray;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolHistoryTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private Instant now = START;
    private int inUse;
    private long timedOut;
    private long refused;
    private long dropped;
    private long reconnects;
    private String reason = "";
    private DatabaseState.State state = DatabaseState.State.OK;
    private final PoolHistory history = new PoolHistory(
            this::figures, () -> new DatabaseState(state, now, now, 1, "connection refused"), () -> now);

    private PoolFigures figures() {
        LatencyFigures wait = new LatencyFigures(1, 0.5, 1.25, 2, 2);
        return new PoolFigures(
                10,
                inUse,
                1,
                2,
                3,
                20,
                0,
                wait,
                wait,
                0,
                0,
                0,
                timedOut,
                0,
                0,
                0,
                refused,
                0,
                0,
                dropped,
                reconnects,
                0,
                new PoolFigures.Drop(now, reason),
                null,
                0,
                0,
                0,
                List.of());
    }

    private void second() {
        history.sample();
        now = now.plusSeconds(1);
    }

    @Test
    void aSampleHasTheFiguresAndWhatHappenedSinceTheLast() {
        timedOut = 100;
        second();
        inUse = 7;
        timedOut = 103;
        second();

        assertThat(history.json(START.getEpochSecond()))
                .isEqualTo("[[" + (START.getEpochSecond() + 1) + ",7,1,2,3,500,1250,2000,1250,3,0,0,0]]");
    }

    @Test
    void whatWasCountedBeforeTheFirstSampleIsNoEvent() {
        timedOut = 5;
        dropped = 5;
        second();

        assertThat(history.events()).isEmpty();
    }

    @Test
    void fifteenMinutesAreKeptTheOldestFirst() {
        for (int i = 0; i < PoolHistory.SECONDS + 10; i++) {
            inUse = i % 10;
            second();
        }

        JsonArray samples = new JsonArray(history.json(0));
        assertThat(samples.size()).isEqualTo(PoolHistory.SECONDS);
        assertThat(samples.getJsonArray(0).getLong(0)).isEqualTo(START.getEpochSecond() + 10);
        assertThat(samples.getJsonArray(PoolHistory.SECONDS - 1).getInteger(1)).isEqualTo(9);
    }

    @Test
    void aDropHasItsReason() {
        second();
        dropped = 2;
        reason = "terminated by an administrator";
        second();
        reconnects = 1;
        second();

        assertThat(history.events())
                .extracting(PoolHistory.Event::text)
                .containsExactly(
                        "1 dropped TLS connection replaced", "2 connections dropped: terminated by an administrator");
    }

    @Test
    void whatGoesOnIsOneEventThatGrows() {
        second();
        for (int i = 0; i < 100; i++) {
            refused += 4;
            second();
        }

        assertThat(history.events()).singleElement().satisfies(event -> {
            assertThat(event.text()).isEqualTo("400 requests refused: PostgreSQL was known to be away");
            assertThat(event.at()).isEqualTo(START.plusSeconds(1));
        });

        now = now.plusSeconds(60);
        refused++;
        second();
        assertThat(history.events()).hasSize(2);
    }

    @Test
    void anOutageBeginsAndEnds() {
        second();
        state = DatabaseState.State.UNREACHABLE;
        second();
        second();
        state = DatabaseState.State.OK;
        second();

        assertThat(history.events())
                .extracting(PoolHistory.Event::text)
                .containsExactly("PostgreSQL answers again", "PostgreSQL does not answer: connection refused");
    }

    @Test
    void eventsAreForgottenWithTheirTime() {
        second();
        timedOut = 1;
        second();
        now = now.plusSeconds(PoolHistory.SECONDS);

        assertThat(history.events()).isEmpty();
    }
}
