package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutageTest {

    private static final ConnectFailure REFUSED = PoolRig.REFUSED;
    private static final ConnectFailure WRONG_PASSWORD = PoolRig.WRONG_PASSWORD;

    private final Outage outage = new Outage(new Backoff(100, 1000, () -> 1), 500);

    @Test
    void beginsWithoutFailure() {
        assertThat(outage.down()).isFalse();
        assertThat(outage.failing()).isFalse();
        assertThat(outage.untilAttempt(0)).isZero();
        assertThat(outage.lastError()).isNull();
    }

    @Test
    void isDeclaredOnceAttemptsHaveFailedForLongEnoughCountedFromTheFirstOnesStart() {
        outage.failed(REFUSED, 0, 300, since -> true);
        assertThat(outage.down()).isFalse();
        outage.failed(REFUSED, 400, 499, since -> true);
        assertThat(outage.down()).isFalse();
        outage.failed(REFUSED, 450, 500, since -> true);
        assertThat(outage.down()).isTrue();
    }

    @Test
    void isNotDeclaredWhileAConnectionIsLeft() {
        outage.failed(REFUSED, 0, 10_000, since -> false);
        outage.failed(WRONG_PASSWORD, 0, 10_000, since -> false);
        assertThat(outage.down()).isFalse();
    }

    @Test
    void isDeclaredAtOnceWhereCredentialsAreRejected() {
        outage.failed(WRONG_PASSWORD, 0, 1, since -> true);
        assertThat(outage.down()).isTrue();
    }

    @Test
    void lastsUntilAnAttemptSucceeds() {
        outage.failed(REFUSED, 0, 500, since -> true);
        outage.failed(REFUSED, 500, 510, since -> true);
        assertThat(outage.down()).isTrue();

        outage.succeeded();

        assertThat(outage.down()).isFalse();
        assertThat(outage.failing()).isFalse();
        assertThat(outage.lastError()).isNull();
        outage.failed(REFUSED, 600, 650, since -> true);
        assertThat(outage.down()).as("time counts anew").isFalse();
    }

    @Test
    void theNextAttemptComesAfterALongerAndLongerDelay() {
        assertThat(outage.failed(REFUSED, 0, 0, since -> true)).isEqualTo(100);
        assertThat(outage.untilAttempt(99)).isPositive();
        assertThat(outage.untilAttempt(100)).isZero();
        assertThat(outage.failed(REFUSED, 0, 100, since -> true)).isEqualTo(200);
        assertThat(outage.retryAfter(250)).isEqualTo(Duration.ofNanos(50));
        assertThat(outage.retryAfter(301)).isEqualTo(Duration.ZERO);
    }

    @Test
    void theRefusalSaysWhatIsWrong() {
        outage.failed(REFUSED, 0, 0, since -> true);
        assertRefusal(DbException.Kind.UNAVAILABLE, "PostgreSQL can't be reached (connection refused).");
        outage.failed(WRONG_PASSWORD, 0, 0, since -> true);
        assertRefusal(DbException.Kind.CREDENTIALS_REJECTED, "PostgreSQL rejects our credentials (SQLSTATE 28P01).");
        outage.failed(ConnectFailure.of(PoolRig.refusal("57P03")), 0, 0, since -> true);
        assertRefusal(DbException.Kind.OVERLOADED, "PostgreSQL accepts no connections now (SQLSTATE 57P03).");
    }

    private void assertRefusal(DbException.Kind kind, String message) {
        DbException refusal = outage.refusal(0);
        assertThat(refusal.kind()).isEqualTo(kind);
        assertThat(refusal).hasMessage(message);
        assertThat(refusal.retryAfter()).isPositive();
    }
}
