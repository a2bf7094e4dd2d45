package dev.holdfast.admin.page;

import static dev.holdfast.admin.page.Browserless.session;
import static dev.holdfast.admin.page.Browserless.stranger;
import static dev.holdfast.admin.page.Browserless.with;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.ProxiedDatabase;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(SmallPool.class)
class PageUnderFaultTest {

    @Inject
    Database pool;

    @Inject
    Monitor monitor;

    ProxiedDatabase database;

    @AfterEach
    void mend() {
        database.proxy().forward();
        becomes(DatabaseState.State.OK);
        await().until(() -> api().body("{}").post("/v1/conversations").statusCode() == 200);
        await().until(() -> pool.figures().inUse() == 0);
    }

    private void becomes(DatabaseState.State state) {
        await().until(() -> monitor.state().state() == state);
    }

    private void goAway() {
        await().until(() -> monitor.server().isPresent());
        database.proxy().refuse();
        database.proxy().reset();
        becomes(DatabaseState.State.UNREACHABLE);
    }

    @Test
    void thePageOpensAndSaysWhatIsWrongWhilePostgresqlIsAway() {
        goAway();
        String session = session();

        with(session)
                .get("/admin/page/pool")
                .then()
                .statusCode(200)
                .body(containsString("PostgreSQL is away"), containsString("does not answer since"));
        with(session).get("/admin/page/configs").then().statusCode(200).body(containsString("last known"));
        with(session)
                .get("/admin/page/projects")
                .then()
                .statusCode(503)
                .body(containsString("database_unavailable"), containsString("Not now"));
    }

    @Test
    void aLogOutWhilePostgresqlIsAwayEndsTheSessionHereAndSaysThatOthersDoNotKnow() {
        goAway();
        String session = session();

        with(session)
                .post("/admin/page/logout")
                .then()
                .statusCode(200)
                .body(containsString("Other replicas could not be told"));
        with(session).get("/admin/page/pool").then().statusCode(303);
    }

    @Test
    void wrongKeysAreLimitedByTheirAddressAsEverywhere() {
        String body = "";
        for (int i = 0; i < SmallPool.FAILURES + 1; i++) {
            body = stranger()
                    .header("X-Forwarded-For", "192.0.2.77")
                    .formParam("key", "wrong")
                    .post("/admin/page/login")
                    .asString();
        }
        assertThat(body).contains("Too many API keys from this address were wrong");
    }

    @Test
    void behindAProxyThatSpeaksHttpsTheCookieIsSecure() {
        String cookie = stranger()
                .header("X-Forwarded-For", "192.0.2.78")
                .header("X-Forwarded-Proto", "https")
                .formParam("key", Api.ADMIN_KEY)
                .post("/admin/page/login")
                .header("Set-Cookie");
        assertThat(cookie).contains("Secure");
    }

    @Test
    void theKeyIsInNoPage() {
        with(session()).get("/admin/page/pool").then().body(not(containsString(Api.ADMIN_KEY)));
    }
}
