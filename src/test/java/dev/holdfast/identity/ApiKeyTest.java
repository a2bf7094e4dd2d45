package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.problem.Problem;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {

    private static final ApiKey.Draft NAMED = new ApiKey.Draft("ci", null, null);

    @Test
    void aNewKeyIsRandomAndRecognisable() {
        ApiKey one = ApiKey.issue("acme", NAMED, 1_700_000_000_000L);
        ApiKey two = ApiKey.issue("acme", NAMED, 1_700_000_000_000L);

        assertThat(one.key())
                .matches("hf_[A-Za-z0-9_-]{43}")
                .isNotEqualTo(two.key())
                .startsWith(one.prefix());
        assertThat(one.prefix()).hasSize(7);
        assertThat(one.id()).matches("key_[0-9a-f]{32}").isNotEqualTo(two.id());
        assertThat(Names.isId(one.id())).isTrue();
    }

    @Test
    void idsSortByAge() {
        assertThat(ApiKey.issue("acme", ApiKey.Draft.EMPTY, 1_700_000_000_000L).id())
                .isLessThan(ApiKey.issue("acme", ApiKey.Draft.EMPTY, 1_700_000_000_001L)
                        .id());
    }

    @Test
    void aKeyIsNeverPrinted() {
        ApiKey key = ApiKey.issue("acme", NAMED, 0);

        assertThat(key.toString()).doesNotContain(key.key());
    }

    @Test
    void aListedKeyHasNoKeyField() throws IOException {
        ApiKey listed =
                new ApiKey("key_1", "acme", null, "hf_abcd", null, Set.of(Scope.MCP, Scope.MODELS), 12, 14L, 13L, null);

        assertThat(new ObjectMapper().writeValueAsString(listed))
                .isEqualTo("{\"id\":\"key_1\",\"object\":\"key\",\"project\":\"acme\",\"prefix\":\"hf_abcd\","
                        + "\"name\":null,\"scopes\":[\"models\",\"mcp\"],\"created_at\":12,\"expires_at\":14,"
                        + "\"last_used_at\":13,\"revoked_at\":null}");
    }

    @Test
    void aProjectAsJsonHasItsObject() throws IOException {
        assertThat(new ObjectMapper().writeValueAsString(new Project("acme", "Acme", 12, 30)))
                .isEqualTo("{\"id\":\"acme\",\"object\":\"project\",\"name\":\"Acme\",\"created_at\":12,"
                        + "\"retention_days\":30}");
    }

    @Test
    void aProjectWithoutAnIdGetsOne() {
        assertThat(new Project.Draft(null, "Acme", null).id()).matches("proj_[0-9a-f]{32}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "UPPER", "a b", "ä", "a/b", "a.b", "\u0000"})
    void anIdOfOtherCharactersIsRefused(String id) {
        assertThatThrownBy(() -> new Project.Draft(id, "Acme", null))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo("id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\u0000b", "\ud800", "line\nbreak"})
    void anUnfitNameIsRefused(String name) {
        assertThatThrownBy(() -> new Project.Draft("acme", name, null))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo("name"));
        assertThatThrownBy(() -> new ApiKey.Draft(name, null, null)).isInstanceOf(Problem.class);
    }

    @Test
    void aKeyHasAllScopesUnlessSomeAreAskedFor() {
        assertThat(ApiKey.issue("acme", NAMED, 0).scopes()).isEqualTo(Scope.ALL);
        assertThat(ApiKey.issue("acme", ApiKey.Draft.of(null, List.of("models"), null), 0)
                        .scopes())
                .containsExactly(Scope.MODELS);
    }

    static Stream<List<String>> badScopes() {
        return Stream.of(
                List.of(),
                List.of("admin"),
                List.of("models", "admin"),
                List.of("Models"),
                List.of("models", "models"),
                Arrays.asList("models", null));
    }

    @ParameterizedTest
    @MethodSource("badScopes")
    void scopesThatAreNoneAreRefused(List<String> scopes) {
        assertThatThrownBy(() -> ApiKey.Draft.of("ci", scopes, null)).isInstanceOfSatisfying(Problem.class, p -> {
            assertThat(p.param()).isEqualTo("scopes");
            assertThat(p).hasMessageContaining("conversations, models, mcp");
        });
    }

    @ParameterizedTest
    @CsvSource({"1699999999", "1700000000", "-1", "253402300800", "9223372036854775807"})
    void aKeyMustExpireInTheFuture(long expiresAt) {
        assertThatThrownBy(() -> ApiKey.issue("acme", new ApiKey.Draft(null, null, expiresAt), 1_700_000_000_999L))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo("expires_at"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_700_000_001, 253_402_300_799L})
    void anyTimeToComeWillDo(long expiresAt) {
        assertThat(ApiKey.issue("acme", new ApiKey.Draft(null, null, expiresAt), 1_700_000_000_999L)
                        .expiresAt())
                .isEqualTo(expiresAt);
    }

    @Test
    void lengthsEndWhereTheyShould() {
        assertThat(new Project.Draft("a".repeat(64), "😀".repeat(256), null).name())
                .hasSize(512);
        assertThatThrownBy(() -> new Project.Draft("a".repeat(65), "x", null)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> new Project.Draft("a", "x".repeat(257), null)).isInstanceOf(Problem.class);
    }
}
