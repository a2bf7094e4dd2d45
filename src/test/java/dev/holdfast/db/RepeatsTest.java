package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RepeatsTest {

    private final AtomicLong now = new AtomicLong();
    private final Repeats repeats = new Repeats(now::get);
    private final List<String> reports = new ArrayList<>();

    @Test
    void onlyTheFirstOfAKindIsLogged() {
        assertThat(repeats.first("a")).isTrue();
        assertThat(repeats.first("a")).isFalse();
        assertThat(repeats.first("b")).isTrue();
    }

    @Test
    void whatWasLeftOutIsReportedOnceTenSecondsAreOver() {
        IntStream.range(0, 4).forEach(i -> repeats.first("a"));

        sweepAfter(9);
        assertThat(reports).isEmpty();
        sweepAfter(1);
        assertThat(reports).containsExactly("a 3 in 10");
    }

    @Test
    void whatGoesOnIsReportedEveryTenSecondsAndNotLoggedAgain() {
        repeats.first("a");
        repeats.first("a");
        sweepAfter(10);
        assertThat(repeats.first("a")).isFalse();
        assertThat(repeats.first("a")).isFalse();
        sweepAfter(10);
        assertThat(reports).containsExactly("a 1 in 10", "a 2 in 10");
    }

    @Test
    void afterAQuietIntervalTheNextIsLoggedAgain() {
        repeats.first("a");
        sweepAfter(10);
        assertThat(repeats.first("a")).isTrue();
        assertThat(reports).isEmpty();
    }

    @Test
    void kindsBeyondTheMostAreCountedTogether() {
        IntStream.range(0, 1_000).forEach(i -> repeats.first("kind " + i));
        sweepAfter(10);
        assertThat(reports).containsExactly("Other repeated messages 799 in 10");
    }

    private void sweepAfter(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        repeats.sweep((kind, count, lasted) -> reports.add(kind + " " + count + " in " + lasted));
    }
}
