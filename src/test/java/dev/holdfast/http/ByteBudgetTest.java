package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.ByteBudget.Answer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {

    private final ByteBudget budget = new ByteBudget(100, 60);

    @Test
    void aShareGetsItsPartAndNotAByteMore() {
        assertThat(budget.take("p", 60)).isEqualTo(Answer.GRANTED);
        assertThat(budget.take("p", 1)).isEqualTo(Answer.SHARE_FULL);
        assertThat(budget.held()).isEqualTo(60);
    }

    @Test
    void allSharesTogetherGetNoMoreThanThereIs() {
        budget.take("p", 60);
        assertThat(budget.take("q", 41)).isEqualTo(Answer.FULL);
        assertThat(budget.take("q", 40)).isEqualTo(Answer.GRANTED);
        assertThat(budget.held()).isEqualTo(100);
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        budget.take("p", 60);
        budget.giveBack("p", 20);

        assertThat(budget.take("p", 21)).isEqualTo(Answer.SHARE_FULL);
        assertThat(budget.take("p", 20)).isEqualTo(Answer.GRANTED);
        budget.giveBack("p", 60);
        assertThat(budget.held()).isZero();
        assertThat(budget.shares()).isZero();
    }

    @Test
    void whatIsThereAlreadyCountsWhateverTheLimits() {
        budget.add("p", 150);

        assertThat(budget.take("q", 1)).isEqualTo(Answer.FULL);
        budget.giveBack("p", 150);
        assertThat(budget.take("q", 1)).isEqualTo(Answer.GRANTED);
    }

    @Test
    void manyAtOnceLeaveNothingBehind() {
        IntStream.range(0, 20_000).parallel().forEach(i -> {
            String share = "p" + i % 7;
            if (budget.take(share, 1 + i % 30) == Answer.GRANTED) {
                assertThat(budget.held()).isGreaterThanOrEqualTo(1 + i % 30);
                budget.giveBack(share, 1 + i % 30);
            }
        });

        assertThat(budget.held()).isZero();
        assertThat(budget.shares()).isZero();
    }
}
