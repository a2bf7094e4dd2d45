package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.LogCapture;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailedAttemptsTest {

    private static final String ADDRESS = "192.0.2.1";

    /** It starts just before the counter wraps round. */
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(30).toNanos());

    private final FailedAttempts attempts = new FailedAttempts(4, new byte[16], now::get);

    @Test
    void thereAreSoManyAtOnceAndThenOneAtATime() {
        exhaust(ADDRESS, 4);
        assertThat(attempts.add(ADDRESS)).isEqualTo(Duration.ofSeconds(15));
        assertThat(attempts.blocked(ADDRESS)).isEqualTo(Duration.ofSeconds(15));

        advance(Duration.ofSeconds(14));
        assertThat(attempts.add(ADDRESS)).isEqualTo(Duration.ofSeconds(1));

        advance(Duration.ofSeconds(1));
        exhaust(ADDRESS, 1);
        assertThat(attempts.add(ADDRESS)).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void afterAQuietMinuteAllIsForgotten() {
        exhaust(ADDRESS, 4);

        advance(Duration.ofMinutes(1));
        exhaust(ADDRESS, 4);
        assertThat(attempts.add(ADDRESS)).isNotNull();
    }

    @Test
    void whatIsRefusedDoesNotProlongTheWait() {
        exhaust(ADDRESS, 4);
        for (int i = 0; i < 1_000; i++) {
            attempts.add(ADDRESS);
        }

        advance(Duration.ofSeconds(15));
        assertThat(attempts.blocked(ADDRESS)).isNull();
    }

    @Test
    void otherAddressesAreNotConcerned() {
        exhaust(ADDRESS, 4);

        assertThat(attempts.blocked("192.0.2.2")).isNull();
        assertThat(attempts.blocked("2001:db8::1")).isNull();
        assertThat(attempts.blocked("unknown")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:1:2::1, 2001:db8:1:2:ffff:ffff:ffff:ffff, true",
        "2001:db8:1:2::1, 2001:db8:1:3::1, false",
        "192.0.2.1, ::ffff:192.0.2.1, true",
        "::ffff:192.0.2.1, ::ffff:192.0.2.2, false",
        "::1, ::ffff:192.0.2.2, false",
        "fe80::1%eth0, fe80::2, true",
        "unknown, _hidden, false"
    })
    void anIpv6ClientIsItsNetwork(String one, String other, boolean same) {
        exhaust(one, 4);

        assertThat(attempts.blocked(other) != null).isEqualTo(same);
    }

    @Test
    void anyNumberOfAddressesTogetherHasABound() {
        FailedAttempts one = new FailedAttempts(1, new byte[16], now::get);

        long counted = IntStream.range(0, 200_000)
                .filter(i -> one.add("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)) == null)
                .count();

        assertThat(counted).isBetween(10_000L, 1L << 14);
    }

    @Test
    void theFirstTooManyAreLoggedWithTheirAddress() {
        try (LogCapture capture = LogCapture.of(FailedAttempts.class)) {
            exhaust(ADDRESS, 4);
            exhaust("192.0.2.2", 4);
            attempts.add(ADDRESS);

            assertThat(capture.messages()).singleElement().asString().contains(ADDRESS);
            advance(Duration.ofSeconds(20));
            exhaust(ADDRESS, 1);
            assertThat(capture.messages()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001})
    void aLimitThatMakesNoSenseIsRefused(int most) {
        assertThatThrownBy(() -> new FailedAttempts(most, new byte[16], now::get))
                .hasMessage("holdfast.auth.max-failures must be from 1 to 1000000 a minute.");
    }

    private void exhaust(String address, int left) {
        for (int i = 0; i < left; i++) {
            assertThat(attempts.blocked(address)).isNull();
            assertThat(attempts.add(address)).isNull();
        }
    }

    private void advance(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
