package dev.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminSessionsTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Session SESSION = Session.begin(NOW, NOW.plusSeconds(60));

    @Test
    void aSessionComesBackAsItWasSealedByWhoeverHasTheSameAdminKey() {
        String sealed = SessionSeal.of("one-admin-key-16").seal(SESSION);

        assertThat(SessionSeal.of("one-admin-key-16").open(sealed)).isEqualTo(SESSION);
        assertThat(SessionSeal.of("two-admin-key-16").open(sealed)).isNull();
    }

    @Test
    void aSessionEndsAtItsTime() {
        assertThat(SESSION.isAt(NOW.plusSeconds(59))).isTrue();
        assertThat(SESSION.isAt(NOW.plusSeconds(60))).isFalse();
        assertThat(SESSION.until(NOW.plusSeconds(120)).isAt(NOW.plusSeconds(60)))
                .isTrue();
    }

    @Test
    void noTwoSessionsHaveTheSameId() {
        assertThat(Session.begin(NOW, NOW).id()).isNotEqualTo(SESSION.id());
    }

    @Test
    void whereThereIsNoPageNoPathIsItsOwn() {
        AdminSessions on = sessions(Map.of());
        AdminSessions off = sessions(Map.of("HOLDFAST_ADMIN_PAGE_ENABLED", "false"));

        for (String path : new String[] {"/admin/", "/admin/page", "/admin/page/pool"}) {
            assertThat(on.isPage(path)).isTrue();
            assertThat(off.isPage(path)).isFalse();
        }
        assertThat(on.isPage("/admin")).isFalse();
        assertThat(on.isPage("/admin/pages")).isFalse();
        assertThat(off.enabled()).isFalse();
    }

    @Test
    void nobodyCanLogInWithoutAnAdminKey() {
        assertThat(sessions(Map.of()).possible()).isFalse();
        assertThat(sessions(Map.of("HOLDFAST_ADMIN_KEY", "an-admin-key-of-ours"))
                        .possible())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"59s, false", "1m, true", "30m, true", "12h, true", "43201s, false"})
    void aSessionLastsFromAMinuteToHalfADay(String session, boolean good) {
        IdentityConfig config = IdentityConfigTest.config(Map.of("HOLDFAST_ADMIN_PAGE_SESSION", session));

        assertThat(IdentityConfig.outOfRange(config).isEmpty()).isEqualTo(good);
    }

    private static AdminSessions sessions(Map<String, String> environment) {
        return new AdminSessions(IdentityConfigTest.config(new HashMap<>(environment)), null, null);
    }
}
