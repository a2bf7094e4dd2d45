package dev.holdfast.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.db.Capacity;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sums: connections of all replicas, replicas of an update, connections that a load needs. */
class SumsTest {

    @ParameterizedTest(name = "{0} + {1} replicas, pool {2}, {3} reserved, {4} available: {5} asked, {6} fit")
    @CsvSource({
        "6, 2, 20, 10, 97, 178,  9",
        "6, 0, 20,  0, 120, 126, 19",
        "6, 0, 20,  0, 126, 126, 20",
        "1, 0,  1,  0,   2,   2,  1",
        "1, 0,  1,  0,   1,   2,  0",
        "3, 1, 10, 50,  40,  94, -4",
    })
    void theLargestPoolIsTheOneThatJustFits(
            int replicas, int surge, int pool, int reserved, int available, long asked, long largest) {
        Capacity sum = new Capacity(replicas, surge, pool, reserved);

        assertThat(sum.asked()).isEqualTo(asked);
        assertThat(sum.largestPool(available)).isEqualTo(largest);
        assertThat(new Capacity(replicas, surge, (int) largest, reserved).asked())
                .isLessThanOrEqualTo(available);
        assertThat(new Capacity(replicas, surge, (int) largest + 1, reserved).asked())
                .isGreaterThan(available);
    }

    @ParameterizedTest
    @CsvSource({"25%, 6, 2", "25%, 4, 1", "25%, 1, 1", "0%, 6, 0", "100%, 3, 3", "1, 6, 1", "0, 6, 0"})
    void aSurgeIsANumberOrAShareRoundedUp(String surge, int replicas, int more) {
        assertThat(Surge.parse(surge).of(replicas)).isEqualTo(more);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "-1", "x", "1.5", "25 %"})
    void anythingElseIsNoSurge(String surge) {
        assertThatIllegalArgumentException().isThrownBy(() -> Surge.parse(surge));
    }

    @ParameterizedTest(name = "{0} requests/s of {1} ms on {2} replicas: {3} in use, pool of {4}")
    @CsvSource({
        "500, 12, 1,  6.0,  9",
        "500, 12, 6,  1.0,  2",
        "1000, 35, 1, 35.0, 50",
        "1000, 35.1, 1, 35.1, 51",
        "0, 12, 1, 0.0, 1",
    })
    void littlesLawGivesThePoolThatStaysBelowSeventyPerCent(
            double rps, double millis, int replicas, double inUse, int pool) {
        Demand demand = Demand.of(rps, millis, replicas);

        assertThat(demand.inUse()).isCloseTo(inUse, within(1e-9));
        assertThat(demand.pool()).isEqualTo(pool);
    }
}
