package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {

    private static final String ADMIN = "Bearer admin-key-admin-key";
    private static final String PROJECT = "Bearer hf_project";

    private static final String HERE = "192.0.2.1";
    private static final int MOST = 3;

    private final AtomicLong now = new AtomicLong();
    private final KeyRing ring = new KeyRing(
            Optional.of("admin-key-admin-key"),
            Optional.of("a-configured-key-of-32-characters"),
            Duration.ofHours(1),
            now::get,
            InstantSource.system(),
            (principal, at) -> {});
    private final Authentication authentication = authentication(false);

    AuthenticationTest() {
        ring.replace(new KeySnapshot(
                Map.of(
                        KeySnapshot.Hash.of("hf_project"), grant(Scope.ALL),
                        KeySnapshot.Hash.of("hf_conversations"), grant(Set.of(Scope.CONVERSATIONS)),
                        KeySnapshot.Hash.of("hf_models"), grant(Set.of(Scope.MODELS)),
                        KeySnapshot.Hash.of("hf_mcp"), grant(Set.of(Scope.MCP)),
                        KeySnapshot.Hash.of("hf_inbox"), grant(Set.of(Scope.INBOX)),
                        KeySnapshot.Hash.of("hf_of_the_future"), grant(Set.of())),
                Set.of("default", "acme", "other"),
                0));
    }

    private static KeySnapshot.Grant grant(Set<Scope> scopes) {
        return new KeySnapshot.Grant(new Principal("acme", "key_1", false, scopes), null);
    }

    private Authentication authentication(boolean devMode) {
        return new Authentication(ring, new FailedAttempts(MOST, new byte[16], now::get), devMode);
    }

    @Test
    void aProjectKeyWorksInItsProject() {
        assertThat(admit("/v1/conversations", PROJECT, null).project()).isEqualTo("acme");
        assertThat(admit("/v1/conversations", PROJECT, "acme").project()).isEqualTo("acme");
    }

    @Test
    void aProjectKeyDoesNotActForAnotherProject() {
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, "/v1/conversations", PROJECT, "other");
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, "/v1/conversations", PROJECT, "nowhere");
    }

    @Test
    void anAdminKeyActsForTheProjectItNames() {
        assertThat(admit("/v1/conversations", ADMIN, null).project()).isEqualTo("default");
        assertThat(admit("/v1/conversations", ADMIN, "other")).satisfies(p -> {
            assertThat(p.project()).isEqualTo("other");
            assertThat(p.admin()).isTrue();
        });
        assertCode(ErrorCode.NOT_FOUND, "/v1/conversations", ADMIN, "nowhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin", "/admin/projects", "/admin/anything"})
    void adminPathsNeedAnAdminKey(String path) {
        assertThat(admit(path, ADMIN, null).admin()).isTrue();
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
        assertThat(admit("/v1/x", "bearer hf_project", null).project()).isEqualTo("acme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/health"})
    void probesNeedNoKey(String path) {
        assertThat(admit(path, null, null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/v10/x", "/administrator", "/healthz/x", "/q/dev", "/index.html", "/V1/x"})
    void whateverElseIsNotThere(String path) {
        assertCode(ErrorCode.NOT_FOUND, path, ADMIN, null);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1, conversations",
        "/v1/conversations, conversations",
        "/v1/conversations/conv_1/items, conversations",
        "/v1/modelsx, conversations",
        "/v1/anything/models, conversations",
        "/v1/models, models",
        "/v1/models/gpt, models",
        "/mcp, mcp",
        "/mcp/anything, mcp",
        "/v1/inbox, inbox",
        "/v1/inbox/source, inbox",
        "/v1/inboxes, conversations"
    })
    void aPathNeedsItsScope(String path, String scope) {
        for (Scope each : Scope.values()) {
            String key = "Bearer hf_" + each.text();
            if (each.text().equals(scope)) {
                assertThat(admit(path, key, null).project()).isEqualTo("acme");
            } else {
                assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, path, key, null);
            }
        }
        assertThat(admit(path, PROJECT, null).project()).isEqualTo("acme");
        assertThat(admit(path, ADMIN, null).admin()).isTrue();
        assertCode(ErrorCode.INSUFFICIENT_PERMISSIONS, path, "Bearer hf_of_the_future", null);
    }

    @Test
    void anAddressMayGuessOnlySoOften() {
        for (int i = 0; i < MOST; i++) {
            assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", "Bearer wrong", null);
        }
        assertThatThrownBy(() -> admit("/v1/x", "Bearer wrong", null)).isInstanceOfSatisfying(Problem.class, p -> {
            assertThat(p.code()).isEqualTo(ErrorCode.TOO_MANY_FAILED_ATTEMPTS);
            assertThat(p.retryAfter()).isEqualTo(Duration.ofSeconds(20));
        });
        assertThat(authentication.admit("/admin", ADMIN, null, "192.0.2.2").admin())
                .isTrue();

        now.addAndGet(Duration.ofSeconds(20).toNanos());
        assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", "Bearer wrong", null);
        assertCode(ErrorCode.TOO_MANY_FAILED_ATTEMPTS, "/v1/x", "Bearer wrong", null);
    }

    @Test
    void afterTooManyFailuresAShortKeyIsNotLookedUpAndALongOneWorks() {
        for (int i = 0; i < MOST; i++) {
            assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", "Bearer " + "wrong".repeat(10), null);
        }

        assertCode(ErrorCode.TOO_MANY_FAILED_ATTEMPTS, "/admin", ADMIN, null);
        assertThat(admit("/v1/x", "Bearer a-configured-key-of-32-characters", null)
                        .keyId())
                .isEqualTo("configured");
        assertCode(ErrorCode.TOO_MANY_FAILED_ATTEMPTS, "/v1/x", "Bearer " + "wrong".repeat(10), null);
    }

    @Test
    void aMissingKeyIsNoGuess() {
        for (int i = 0; i < 2 * MOST; i++) {
            assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", null, null);
            assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", "Basic eDp5", null);
        }

        assertCode(ErrorCode.INVALID_API_KEY, "/v1/x", "Bearer wrong", null);
    }

    @Test
    void pagesOfDevelopmentAreOpenInDevelopmentOnly() {
        assertThat(authentication(true).admit("/q/dev-ui", null, null, HERE)).isNull();
    }

    private Principal admit(String path, String authorization, String project) {
        return authentication.admit(path, authorization, project, HERE);
    }

    private void assertCode(ErrorCode code, String path, String authorization, String project) {
        assertThatThrownBy(() -> admit(path, authorization, project))
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.code()).isEqualTo(code));
    }
}
