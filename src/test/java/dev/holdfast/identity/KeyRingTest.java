package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyRingTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final String ADMIN = "an-admin-key-of-32-characters-xx";
    private static final String API = "an-api-key-of-some-length";
    private static final Principal STORED = new Principal("acme", "key_1", false, Set.of(Scope.MODELS));

    private final AtomicLong now = new AtomicLong();
    private final AtomicLong wallSeconds = new AtomicLong(1_700_000_000);
    private final List<String> used = new ArrayList<>();
    private final KeyRing ring = ring(Optional.of(ADMIN), Optional.of(API), HOUR);

    @Test
    void configuredKeysWorkBeforeAnythingWasLoaded() {
        assertThat(ring.find(ADMIN)).isEqualTo(new Principal("default", "configured-admin", true, Scope.ALL));
        assertThat(ring.find(API)).isEqualTo(new Principal("default", "configured", false, Scope.ALL));
    }

    @Test
    void anUnknownKeyIsNotRefusedBeforeTheKeysWereLoaded() {
        assertCode(() -> ring.find("hf_stored"), ErrorCode.DATABASE_UNAVAILABLE);
        assertCode(() -> ring.hasProject("acme"), ErrorCode.DATABASE_UNAVAILABLE);
    }

    @Test
    void aStoredKeyIsFoundByItsHash() {
        load("hf_stored");

        assertThat(ring.find("hf_stored")).isEqualTo(STORED);
        assertThat(ring.hasProject("acme")).isTrue();
        assertThat(ring.hasProject("other")).isFalse();
    }

    @Test
    void anUnknownKeyStandsForNobody() {
        load("hf_stored");

        assertThat(ring.find("hf_other")).isNull();
        assertThat(ring.find("x".repeat(100_000))).isNull();
    }

    @Test
    void aKeyThatIsNotInTheNextSnapshotStopsWorking() {
        load("hf_stored");
        load("hf_other");

        assertThat(ring.find("hf_stored")).isNull();
    }

    @Test
    void aKeyWorksUntilTheSecondInWhichItExpires() {
        load("hf_stored", wallSeconds.get() + 10);
        wallSeconds.addAndGet(9);
        assertThat(ring.find("hf_stored")).isEqualTo(STORED);

        wallSeconds.addAndGet(1);
        assertCode(() -> ring.find("hf_stored"), ErrorCode.INVALID_API_KEY);
        assertThat(used).as("an expired key lets nobody in").containsExactly("key_1 at 1700000009000");
    }

    @Test
    void onlyUsesOfStoredKeysAreNoted() {
        load("hf_stored");

        ring.find(API);
        ring.find("hf_other");
        ring.find("hf_stored");

        assertThat(used).containsExactly("key_1 at 1700000000000");
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
        assertThatThrownBy(() -> ring(Optional.of("fifteen-letters"), Optional.empty(), HOUR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holdfast.admin-key")
                .hasMessageNotContaining("fifteen-letters");
        assertThatThrownBy(() -> ring(Optional.empty(), Optional.of("short"), HOUR))
                .hasMessageContaining("holdfast.api-key");
    }

    @Test
    void aBlankConfiguredKeyIsNone() {
        KeyRing open = ring(Optional.of("  "), Optional.empty(), HOUR);

        assertCode(() -> open.find(""), ErrorCode.DATABASE_UNAVAILABLE);
    }

    @Test
    void oneKeyForBothIsRefused() {
        assertThatThrownBy(() -> ring(Optional.of(ADMIN), Optional.of(ADMIN), HOUR))
                .hasMessageContaining("must differ");
    }

    @Test
    void aSnapshotMustBeAllowedToOutliveTwoTicks() {
        assertThatThrownBy(() -> ring(Optional.empty(), Optional.empty(), Duration.ofSeconds(4)))
                .hasMessageContaining("holdfast.auth.max-snapshot-age");
    }

    private void load(String key) {
        load(key, null);
    }

    private void load(String key, Long expiresAt) {
        ring.replace(new KeySnapshot(
                Map.of(KeySnapshot.Hash.of(key), new KeySnapshot.Grant(STORED, expiresAt)), Set.of("acme"), now.get()));
    }

    private KeyRing ring(Optional<String> adminKey, Optional<String> apiKey, Duration maxAge) {
        return new KeyRing(
                adminKey,
                apiKey,
                maxAge,
                now::get,
                () -> Instant.ofEpochSecond(wallSeconds.get()),
                (principal, at) -> used.add(principal.keyId() + " at " + at));
    }

    private static void assertCode(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.code()).isEqualTo(code));
    }
}
