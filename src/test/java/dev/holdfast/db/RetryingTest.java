package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long to wait before a retry, and how many retries there may be. */
class RetryingTest {

    @Test
    void theBackoffDoublesUpToItsCap() {
        Backoff longest = new Backoff(50, 1000, () -> 1);
        assertThat(new long[] {longest.delay(1), longest.delay(2), longest.delay(3), longest.delay(5), longest.delay(6)
                })
                .containsExactly(50, 100, 200, 800, 1000);
        assertThat(longest.delay(Integer.MAX_VALUE)).isEqualTo(1000);
        assertThat(longest.delay(0)).isEqualTo(50);
    }

    @Test
    void theBackoffNeverOverflows() {
        Backoff huge = new Backoff(Long.MAX_VALUE / 4, Long.MAX_VALUE / 2, () -> 0.5);
        for (int failures = 1; failures < 100; failures++) {
            assertThat(huge.delay(failures)).isBetween(0L, Long.MAX_VALUE / 2);
        }
    }

    @Test
    void theJitterIsFull() {
        assertThat(new Backoff(50, 1000, () -> 0).delay(4)).isZero();
        assertThat(new Backoff(50, 1000, () -> 0.25).delay(4)).isEqualTo(100);
    }

    @Test
    void aFewRetriesNeedNotBeEarned() {
        RetryBudget budget = new RetryBudget(3);
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isFalse();
    }

    @Test
    void tenFirstAttemptsEarnOneRetry() {
        RetryBudget budget = new RetryBudget(1);
        budget.take();
        for (int i = 0; i < 9; i++) {
            budget.earn();
            assertThat(budget.take()).isFalse();
        }
        budget.earn();
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isFalse();
    }

    @Test
    void noMoreCanBeSavedUpThanTheReserve() {
        RetryBudget budget = new RetryBudget(2);
        for (int i = 0; i < 1000; i++) {
            budget.earn();
        }
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isFalse();
    }
}
