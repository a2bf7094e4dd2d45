package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyRingTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final String ADMIN = "an-admin-key-of-32-characters-xx";
    private static final String API = "an-api-key-of-some-length";

    private final AtomicLong now = new AtomicLong();
    private final KeyRing ring = new KeyRing(Optional.of(ADMIN), Optional.of(API), HOUR, now::get);

    @Test
    void configuredKeysWorkBeforeAnythingWasLoaded() {
        assertThat(ring.find(ADMIN)).isEqualTo(new Principal("default", "configured-admin", true));
        assertThat(ring.find(API)).isEqualTo(new Principal("default", "configured", false));
    }

    @Test
    void anUnknownKeyIsNotRefusedBeforeTheKeysWereLoaded() {
        assertCode(() -> ring.find("hf_stored"), ErrorCode.DATABASE_UNAVAILABLE);
        assertCode(() -> ring.hasProject("acme"), ErrorCode.DATABASE_UNAVAILABLE);
    }

    @Test
    void aStoredKeyIsFoundByItsHash() {
        load("hf_stored");

        assertThat(ring.find("hf_stored")).isEqualTo(new Principal("acme", "key_1", false));
        assertThat(ring.hasProject("acme")).isTrue();
        assertThat(ring.hasProject("other")).isFalse();
    }

    @Test
    void anUnknownKeyIsRefused() {
        load("hf_stored");

        assertCode(() -> ring.find("hf_other"), ErrorCode.INVALID_API_KEY);
        assertCode(() -> ring.find("x".repeat(100_000)), ErrorCode.INVALID_API_KEY);
    }

    @Test
    void aKeyThatIsNotInTheNextSnapshotStopsWorking() {
        load("hf_stored");
        load("hf_other");

        assertCode(() -> ring.find("hf_stored"), ErrorCode.INVALID_API_KEY);
    }

    @Test
    void storedKeysWorkWhilePostgresIsAwayButNotForEver() {
        load("hf_stored");
        now.addAndGet(HOUR.toNanos());
        assertThat(ring.find("hf_stored").project()).isEqualTo("acme");

        now.addAndGet(1);
        assertCode(() -> ring.find("hf_stored"), ErrorCode.DATABASE_UNAVAILABLE);
        assertThat(ring.find(API).project()).isEqualTo("default");
    }

    @Test
    void aShortConfiguredKeyIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> new KeyRing(Optional.of("fifteen-letters"), Optional.empty(), HOUR, now::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holdfast.admin-key")
                .hasMessageNotContaining("fifteen-letters");
        assertThatThrownBy(() -> new KeyRing(Optional.empty(), Optional.of("short"), HOUR, now::get))
                .hasMessageContaining("holdfast.api-key");
    }

    @Test
    void aBlankConfiguredKeyIsNone() {
        KeyRing open = new KeyRing(Optional.of("  "), Optional.empty(), HOUR, now::get);

        assertCode(() -> open.find(""), ErrorCode.DATABASE_UNAVAILABLE);
    }

    @Test
    void oneKeyForBothIsRefused() {
        assertThatThrownBy(() -> new KeyRing(Optional.of(ADMIN), Optional.of(ADMIN), HOUR, now::get))
                .hasMessageContaining("must differ");
    }

    @Test
    void aSnapshotMustBeAllowedToOutliveTwoTicks() {
        assertThatThrownBy(() -> new KeyRing(Optional.empty(), Optional.empty(), Duration.ofSeconds(4), now::get))
                .hasMessageContaining("holdfast.auth.max-snapshot-age");
    }

    private void load(String key) {
        ring.replace(new KeySnapshot(
                Map.of(KeySnapshot.Hash.of(key), new Principal("acme", "key_1", false)), Set.of("acme"), now.get()));
    }

    private static void assertCode(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.code()).isEqualTo(code));
    }
}
