package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class DatabaseStateTest {

    private static final Instant START = Instant.ofEpochSecond(1_000);

    private final DatabaseState unknown = new DatabaseState(DatabaseState.State.UNREACHABLE, START, null, 0, "not yet");

    @Test
    void anAnswerMakesItOkFromThenOn() {
        DatabaseState first = unknown.ok(START.plusSeconds(1), 2.5);
        assertThat(first)
                .isEqualTo(new DatabaseState(
                        DatabaseState.State.OK, START.plusSeconds(1), START.plusSeconds(1), 2.5, null));
        assertThat(first.ok(START.plusSeconds(2), 1))
                .isEqualTo(
                        new DatabaseState(DatabaseState.State.OK, START.plusSeconds(1), START.plusSeconds(2), 1, null));
    }

    @Test
    void aFailureKeepsWhenItLastAnswered() {
        DatabaseState failed = unknown.ok(START, 2.5).failed(PoolRig.REFUSED, START.plusSeconds(3));
        assertThat(failed)
                .isEqualTo(new DatabaseState(
                        DatabaseState.State.UNREACHABLE, START.plusSeconds(3), START, 2.5, "connection refused"));
        assertThat(failed.failed(PoolRig.REFUSED, START.plusSeconds(4)).since()).isEqualTo(START.plusSeconds(3));
    }

    @Test
    void rejectedCredentialsAreAStateOfTheirOwn() {
        DatabaseState rejected = unknown.failed(PoolRig.WRONG_PASSWORD, START.plusSeconds(3));
        assertThat(rejected.state().text()).isEqualTo("credentials_rejected");
        assertThat(rejected.since()).isEqualTo(START.plusSeconds(3));
    }
}
