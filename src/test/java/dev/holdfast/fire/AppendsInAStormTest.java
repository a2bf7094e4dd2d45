package dev.holdfast.fire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import dev.holdfast.testkit.OwnServer;
import dev.holdfast.testkit.Writers;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Appends by OpenAI's SDK while backends, connections and the server itself die all the time. */
@QuarkusTest
@TestProfile(UnderFire.class)
class AppendsInAStormTest {

    private static final int CLIENTS = 64;
    /** The SDK waits as long as it is told, a second or so: this is enough for a server that starts again. */
    private static final int PATIENT = 60;

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    OwnServer database;

    @AfterEach
    void mend() {
        database.proxy().forward();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noneIsLostOrDoubled(boolean keyed) throws Exception {
        appendInAStorm(keyed, 10, 300);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("fire")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void noneOfTenThousandIsLostOrDoubled(boolean keyed) throws Exception {
        appendInAStorm(keyed, 157, 3_000, 7_000);
    }

    private void appendInAStorm(boolean keyed, int each, int... kills) throws Exception {
        Writers writers = new Writers(RestAssured.port, CLIENTS, keyed, PATIENT);
        PoolFigures before = pool.figures();
        long startedAt = System.nanoTime();
        Storm storm = new Storm(pool, database, Seed.random(this), writers::acknowledged, kills);
        String done;
        try {
            writers.append(each);
        } finally {
            done = storm.end();
        }
        PoolFigures after = Rest.of(pool, monitor, database);
        long dropped = after.dropped() - before.dropped();
        System.out.printf(
                "%d of %d acknowledged, %d of unknown outcome, in %d ms: %s, %d connections lost, %d retries%n",
                writers.acknowledged(),
                CLIENTS * each,
                writers.unknown(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt),
                done,
                dropped,
                pool.operations().get("items.append").retried());

        assertThat(writers.discrepancies(database.database())).isEmpty();
        assertThat(writers.acknowledged() + writers.unknown()).isEqualTo(CLIENTS * each);
        assertThat((long) writers.unknown()).isLessThanOrEqualTo(keyed ? 0 : dropped);
        assertThat(database.backends("idle in transaction%")).isZero();
    }
}
