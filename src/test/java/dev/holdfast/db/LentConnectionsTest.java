package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements run on connections that Vert.x's pool has lent, and on no other. */
class LentConnectionsTest {

    private static final int CALLS = 300;

    private final DatabaseRig rig = new DatabaseRig();
    private final LentHandles handles = new LentHandles();

    @BeforeEach
    void prepare() {
        rig.server.execute("CREATE SEQUENCE IF NOT EXISTS lent_connections_test");
        rig.server.execute("ALTER SEQUENCE lent_connections_test RESTART");
        rig.config.maxSize = 6;
        rig.pool = handles::of;
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** PostgreSQL counts as well: each statement draws a number. */
    private long run() {
        return rig.server.value(Long.class, "SELECT nextval('lent_connections_test')") - 1;
    }

    private void call(int times, int atATime) {
        get(Multi.createFrom()
                .range(0, times)
                .onItem()
                .transformToUni(i -> rig.write("SELECT nextval('lent_connections_test')"))
                .merge(atATime)
                .collect()
                .asList());
    }

    @Test
    void oneAfterAnotherEachOnAHandleOfItsOwn() {
        call(CALLS, 1);

        assertThat(run()).isEqualTo(CALLS);
        assertThat(handles.statements).hasValue(CALLS);
        assertThat(handles.afterReturn).hasValue(0);
        assertThat(handles.lent).as("given back each time, as nobody waits").hasValue(CALLS);
    }

    @Test
    void manyAtATimeHandOverWhatIsReturned() {
        call(CALLS, 40);

        assertThat(run()).isEqualTo(CALLS);
        assertThat(handles.statements).hasValue(CALLS);
        assertThat(handles.afterReturn).hasValue(0);
        assertThat(handles.lent).as("those who wait take over").hasValueLessThan(CALLS);
    }

    @Test
    void whileConnectionsAreEndedAndReplaced() {
        rig.config.maxLifetime = Duration.ofMillis(30);
        rig.config.idleCheck = Duration.ofMillis(1);
        for (int round = 0; round < 5; round++) {
            call(CALLS / 5, 8);
            rig.terminateBackends();
        }
        call(CALLS / 5, 8);

        assertThat(handles.afterReturn).hasValue(0);
        assertThat(handles.operations).allMatch(sql -> sql.contains("nextval") || sql.equals("SELECT 1"));
        assertThat(run()).as("a lost one may have been run").isBetween((long) CALLS, (long) handles.statements.get());
        soon().untilAsserted(() -> assertThat(rig.figures().closed()).isPositive());
        rig.atRest();
    }
}
