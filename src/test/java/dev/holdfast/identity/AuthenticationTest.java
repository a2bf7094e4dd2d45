package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {

    private static final String ADMIN = "Bearer admin-key-admin-key";
    private static final String PROJECT = "Bearer hf_project";

    private final KeyRing ring =
            new KeyRing(Optional.of("admin-key-admin-key"), Optional.empty(), Duration.ofHours(1), () -> 0L);
    private final Authentication authentication = new Authentication(ring, false);

    AuthenticationTest() {
        ring.replace(new KeySnapshot(
                Map.of(KeySnapshot.Hash.of("hf_project"), new Principal("acme", "key_1", false)),
                Set.of("default", "acme", "other"),
                0));
    }

    @Test
    void aProjectKeyWorksInItsProject() {
        assertThat(authentication.admit("/v1/conversations", PROJECT, null).project())
                .isEqualTo("acme");
        assertThat(authentication.admit("/v1/conversations", PROJECT, "acme").project())
                .isEqualTo("acme");
    }

    @Test
    void aProjectKeyDoesNotActForAnotherProject() {
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, "/v1/conversations", PROJECT, "other");
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, "/v1/conversations", PROJECT, "nowhere");
    }

    @Test
    void anAdminKeyActsForTheProjectItNames() {
        assertThat(authentication.admit("/v1/conversations", ADMIN, null).project())
                .isEqualTo("default");
        assertThat(authentication.admit("/v1/conversations", ADMIN, "other")).satisfies(p -> {
            assertThat(p.project()).isEqualTo("other");
            assertThat(p.admin()).isTrue();
        });
        assertCode(ErrorCode.NOT_FOUND, "/v1/conversations", ADMIN, "nowhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin", "/admin/projects", "/admin/anything"})
    void adminPathsNeedAnAdminKey(String path) {
        assertThat(authentication.admit(path, ADMIN, null).admin()).isTrue();
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, path, PROJECT, null);
        assertCode(ErrorCode.INVALID_API_KEY, path, null, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Bearer", "Bearer ", "Basic admin-key-admin-key", "admin-key-admin-key", "Bearer wrong", ""})
    void whatIsNotAKnownBearerKeyIsRefused(String header) {
        assertCode(ErrorCode.INVALID_API_KEY, "/v1/conversations", header, null);
    }

    @Test
    void theSchemeIsNotCaseSensitive() {
        assertThat(authentication.admit("/v1/x", "bearer hf_project", null).project())
                .isEqualTo("acme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/health"})
    void probesNeedNoKey(String path) {
        assertThat(authentication.admit(path, null, null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/v10/x", "/administrator", "/healthz/x", "/q/dev", "/index.html", "/V1/x"})
    void whateverElseIsNotThere(String path) {
        assertCode(ErrorCode.NOT_FOUND, path, ADMIN, null);
    }

    @Test
    void pagesOfDevelopmentAreOpenInDevelopmentOnly() {
        assertThat(new Authentication(ring, true).admit("/q/dev-ui", null, null))
                .isNull();
    }

    private void assertCode(ErrorCode code, String path, String authorization, String project) {
        assertThatThrownBy(() -> authentication.admit(path, authorization, project))
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.code()).isEqualTo(code));
    }
}
