package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.problem.Problem;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {

    @Test
    void aNewKeyIsRandomAndRecognisable() {
        ApiKey one = ApiKey.issue("acme", "ci", 1_700_000_000_000L);
        ApiKey two = ApiKey.issue("acme", "ci", 1_700_000_000_000L);

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
        assertThat(ApiKey.issue("acme", null, 1_700_000_000_000L).id())
                .isLessThan(ApiKey.issue("acme", null, 1_700_000_000_001L).id());
    }

    @Test
    void aKeyIsNeverPrinted() {
        ApiKey key = ApiKey.issue("acme", "ci", 0);

        assertThat(key.toString()).doesNotContain(key.key());
    }

    @Test
    void aListedKeyHasNoKeyField() throws IOException {
        ApiKey listed = new ApiKey("key_1", "acme", null, "hf_abcd", null, 12, null);

        assertThat(new ObjectMapper().writeValueAsString(listed))
                .isEqualTo("{\"id\":\"key_1\",\"object\":\"key\",\"project\":\"acme\",\"prefix\":\"hf_abcd\","
                        + "\"name\":null,\"created_at\":12,\"revoked_at\":null}");
    }

    @Test
    void aProjectAsJsonHasItsObject() throws IOException {
        assertThat(new ObjectMapper().writeValueAsString(new Project("acme", "Acme", 12)))
                .isEqualTo("{\"id\":\"acme\",\"object\":\"project\",\"name\":\"Acme\",\"created_at\":12}");
    }

    @Test
    void aProjectWithoutAnIdGetsOne() {
        assertThat(new Project.Draft(null, "Acme").id()).matches("proj_[0-9a-f]{32}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "UPPER", "a b", "ä", "a/b", "a.b", "\u0000"})
    void anIdOfOtherCharactersIsRefused(String id) {
        assertThatThrownBy(() -> new Project.Draft(id, "Acme"))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo("id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\u0000b", "\ud800", "line\nbreak"})
    void anUnfitNameIsRefused(String name) {
        assertThatThrownBy(() -> new Project.Draft("acme", name))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.param()).isEqualTo("name"));
        assertThatThrownBy(() -> new ApiKey.Draft(name)).isInstanceOf(Problem.class);
    }

    @Test
    void lengthsEndWhereTheyShould() {
        assertThat(new Project.Draft("a".repeat(64), "😀".repeat(256)).name()).hasSize(512);
        assertThatThrownBy(() -> new Project.Draft("a".repeat(65), "x")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> new Project.Draft("a", "x".repeat(257))).isInstanceOf(Problem.class);
    }
}
