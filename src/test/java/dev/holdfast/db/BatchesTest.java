package dev.holdfast.db;

import static dev.holdfast.db.Batches.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchesTest {

    private static final Waiter.Kind PAGE = new Waiter.Kind("p", "page");

    private final PoolRig rig = new PoolRig();
    private final Batches batches = new Batches(rig.limits());

    @Test
    void aFewOfAKindAndShareAreUnderWayAtATime() {
        Lease first = lend("page", 0);
        lend("page", 0);

        assertThat(batches.room("p", PAGE, 1)).isZero();
        assertThat(batches.room("q", PAGE, 1)).as("of another share").isEqualTo(2);
        assertThat(batches.room("p", new Waiter.Kind("p", "conversation"), 1))
                .as("of another kind")
                .isEqualTo(2);
        assertThat(batches.room("p", new Waiter.Kind("q", "page"), 1))
                .as("of another project")
                .isEqualTo(2);

        batches.returned(first);

        assertThat(batches.room("p", PAGE, 1)).as("one still is").isEqualTo(1);
    }

    @Test
    void whatIsOfNoKindIsNotCounted() {
        for (int i = 0; i < 3; i++) {
            lend(null, 0);
        }

        assertThat(batches.room("p", null, 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(batches.untilRoom("p", null, 1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatTakesLongIsNoLongerCounted() {
        lend("page", 0);
        lend("page", 3);
        assertThat(batches.untilRoom("p", PAGE, 3)).isEqualTo(PATIENCE - 3);
        assertThat(batches.room("p", PAGE, PATIENCE - 1)).isZero();

        assertThat(batches.room("p", PAGE, PATIENCE)).isEqualTo(1);
        assertThat(batches.untilRoom("p", PAGE, PATIENCE))
                .as("there is room now")
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theNextOfThoseThatCountIsTheOneToWaitFor() {
        lend("page", 0);
        lend("page", PATIENCE);
        lend("page", PATIENCE + 2);

        assertThat(batches.untilRoom("p", PAGE, PATIENCE + 2))
                .as("the first no longer counts")
                .isEqualTo(PATIENCE - 2);
    }

    @Test
    void whereMoreAreUnderWayThanMayBeSeveralHaveToEnd() {
        lend("page", 0);
        lend("page", 1);
        lend("page", 2);

        assertThat(batches.untilRoom("p", PAGE, 3)).isEqualTo(PATIENCE + 1 - 3);
    }

    private Lease lend(String read, long since) {
        Waiter waiter = new FakeWaiter(new Ticket("p", "p", new Deadline(0)), null, read);
        Lease lease = new Lease(null, null, waiter, since);
        batches.lent(lease);
        return lease;
    }
}
