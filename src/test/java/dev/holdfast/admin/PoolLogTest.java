package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.LatencyFigures;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.testkit.LogCapture;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolLogTest {

    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong now = new AtomicLong();
    private final LogCapture capture = LogCapture.of(PoolLog.class);
    private int inUse;
    private String connectError;
    private DatabaseState database = new DatabaseState(DatabaseState.State.OK, THEN, THEN, 1, null);
    private final PoolLog log = new PoolLog(this::figures, () -> database, now::get);

    @AfterEach
    void close() {
        capture.close();
    }

    @Test
    void aHealthyPoolIsNotTalkedOf() {
        run(600);
        assertThat(capture.lines()).isEmpty();
    }

    @Test
    void gettingWorseIsSaidAtOnceWithTheFigures() {
        inUse = 8;
        run(1);
        assertThat(capture.messages())
                .containsExactly("Pool warning, database ok: utilization 80 %, 8 in use, 1 idle, 1 opening, 3 waiting"
                        + " (the first for 40 ms), at most 10; acquire p95 12.5 ms, 5 timed out");
        inUse = 10;
        run(1);
        assertThat(levels()).containsExactly("WARN", "ERROR");
        assertThat(lastMessage()).startsWith("Pool critical, database ok: utilization 100 %, 10 in use");
    }

    @Test
    void everyMinuteItIsSaidAgainWhileItIsNotHealthy() {
        inUse = 8;
        run(182);
        assertThat(capture.messages()).hasSize(4);
        assertThat(lastMessage()).startsWith("Pool warning, database ok for 180 s: ");
    }

    @Test
    void recoveryIsSaidOnceItHasLasted() {
        inUse = 10;
        run(30);
        inUse = 0;
        run(4);
        assertThat(capture.lines()).hasSize(1);
        run(600);
        assertThat(levels()).containsExactly("ERROR", "INFO");
        assertThat(lastMessage()).startsWith("Pool healthy, database ok again after 34 s: utilization 0 %");
    }

    @Test
    void aPoolAroundAThresholdIsWorthOneLineAMinute() {
        for (int second = 0; second < 120; second++) {
            inUse = second % 2 == 0 ? 7 : 6;
            run(1);
        }
        assertThat(levels()).containsExactly("WARN", "WARN");
    }

    @Test
    void anOutageIsAnErrorWithItsReasons() {
        connectError = "connection refused";
        database = new DatabaseState(DatabaseState.State.UNREACHABLE, THEN, THEN, 1, "no answer within 1000 ms");
        run(1);
        assertThat(levels()).containsExactly("ERROR");
        assertThat(lastMessage())
                .startsWith("Pool healthy, database unreachable: ")
                .endsWith("; last connect error: connection refused; the monitor's: no answer within 1000 ms");
    }

    @Test
    void anOutageThatTurnsIntoRejectedCredentialsIsSaidAtOnce() {
        database = new DatabaseState(DatabaseState.State.UNREACHABLE, THEN, THEN, 1, "x");
        run(1);
        database = new DatabaseState(DatabaseState.State.CREDENTIALS_REJECTED, THEN, THEN, 1, "SQLSTATE 28P01");
        run(1);
        assertThat(lastMessage()).startsWith("Pool healthy, database credentials_rejected: ");
    }

    @Test
    void atTheStartTheFirstConnectionMayTakeAMoment() {
        database = new DatabaseState(DatabaseState.State.UNREACHABLE, THEN, null, 0, "no attempt has ended yet");
        run(4);
        assertThat(capture.lines()).isEmpty();
        run(1);
        assertThat(levels()).containsExactly("ERROR");
    }

    private void run(int seconds) {
        for (int second = 0; second < seconds; second++) {
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            log.tick();
        }
    }

    private String lastMessage() {
        return capture.messages().get(capture.messages().size() - 1);
    }

    private List<String> levels() {
        return capture.lines().stream().map(line -> line.level().getName()).toList();
    }

    private PoolFigures figures() {
        LatencyFigures latency = new LatencyFigures(1, 1, 12.5, 13, 14);
        return new PoolFigures(
                10,
                inUse,
                1,
                1,
                3,
                20,
                40,
                latency,
                latency,
                0,
                0,
                0,
                5,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                connectError,
                0,
                0,
                0,
                List.of());
    }
}
