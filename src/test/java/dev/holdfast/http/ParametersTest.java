package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.Problem;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.MultiMap;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {

    @Test
    void aPageIsTheTwentyNewestByDefault() {
        assertThat(PageRequest.of(query())).isEqualTo(new PageRequest(20, PageRequest.Order.DESC, null));
        assertThat(PageRequest.of(query("limit", "100", "order", "asc", "after", "x", "other", "1", "other", "2")))
                .isEqualTo(new PageRequest(100, PageRequest.Order.ASC, "x"));
    }

    @ParameterizedTest
    @CsvSource({
        "limit,0",
        "limit,101",
        "limit,-1",
        "limit,1.0",
        "limit,''",
        "limit,+5",
        "limit,٣",
        "limit,99999999999999999999",
        "order,ASC",
        "order,''",
        "after,''"
    })
    void aBadParameterIsNamed(String name, String value) {
        assertParam(name, () -> PageRequest.of(query(name, value)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit", "order", "after"})
    void aRepeatedParameterIsRefused(String name) {
        assertParam(name, () -> PageRequest.of(query(name, "1", name, "1")));
    }

    @Test
    void aPageKnowsWhetherThereIsMore() {
        PageRequest two = new PageRequest(2, PageRequest.Order.DESC, null);

        assertThat(Page.of(List.of("c", "b", "a"), two, s -> s))
                .isEqualTo(new Page<>(List.of("c", "b"), "c", "b", true));
        assertThat(Page.of(List.of("c", "b"), two, s -> s)).isEqualTo(new Page<>(List.of("c", "b"), "c", "b", false));
        assertThat(Page.of(List.<String>of(), two, s -> s)).isEqualTo(new Page<>(List.of(), null, null, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "", "x", "10000000000", " 5", "٣"})
    void aTimeoutThatIsNoPositiveNumberIsRefused(String header) {
        assertParam("X-Request-Timeout-Ms", () -> Intake.timeout(header, Duration.ofSeconds(30)));
    }

    @Test
    void aTimeoutCanOnlyBeShortened() {
        assertThat(Intake.timeout(null, Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Intake.timeout("250", Duration.ofSeconds(30))).isEqualTo(Duration.ofMillis(250));
        assertThat(Intake.timeout("999999999", Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "req_0123-.X", "7d1f2c5e-6a1b-4c0e-9b1e-000000000000"})
    void saneRequestIdsAreKept(String id) {
        assertThat(RequestId.isSane(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a\"b", "a\nb", "<x>", "a/b"})
    void otherRequestIdsAreNot(String id) {
        assertThat(RequestId.isSane(id)).isFalse();
        assertThat(RequestId.isSane("a".repeat(129))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a\u007f"})
    void anIdempotencyKeyIsVisibleAscii(String key) {
        assertParam("Idempotency-Key", () -> IdempotencyKey.checked(key));
        assertParam("Idempotency-Key", () -> IdempotencyKey.checked("a".repeat(256)));
    }

    @Test
    void limitsOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new HttpLimits(Duration.ZERO, 1 << 20, 2 << 20))
                .hasMessageContaining("holdfast.http.request-timeout");
        assertThatThrownBy(() -> new HttpLimits(Duration.ofHours(2), 1 << 20, 2 << 20))
                .hasMessageContaining("holdfast.http.request-timeout");
        assertThatThrownBy(() -> HttpLimits.of(config("1"))).hasMessageContaining("holdfast.http.max-body");
        assertThatThrownBy(() -> HttpLimits.of(config("99999999999"))).hasMessageContaining("holdfast.http.max-body");
        assertThat(HttpLimits.of(config("10485760")).maxBody()).isEqualTo(10 << 20);
    }

    private static HttpConfig config(String maxBody) {
        return new HttpConfig() {
            @Override
            public Duration requestTimeout() {
                return Duration.ofSeconds(30);
            }

            @Override
            public Duration idempotencyPurgeInterval() {
                return Duration.ofMinutes(1);
            }

            @Override
            public Optional<MemorySize> maxHeldBytes() {
                return Optional.empty();
            }

            @Override
            public MemorySize maxBody() {
                return new MemorySize(new BigInteger(maxBody));
            }
        };
    }

    private static MultiMap query(String... pairs) {
        MultiMap query = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < pairs.length; i += 2) {
            query.add(pairs[i], pairs[i + 1]);
        }
        return query;
    }

    private static void assertParam(String param, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo(param));
    }
}
