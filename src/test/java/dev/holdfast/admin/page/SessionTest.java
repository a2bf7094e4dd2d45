package dev.holdfast.admin.page;

import static dev.holdfast.admin.page.Browserless.COOKIE;
import static dev.holdfast.admin.page.Browserless.logIn;
import static dev.holdfast.admin.page.Browserless.session;
import static dev.holdfast.admin.page.Browserless.stranger;
import static dev.holdfast.admin.page.Browserless.with;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class SessionTest {

    private static final String VIEW = "/admin/page/pool";

    private final TestDatabase database = TestDatabase.shared();

    @ParameterizedTest
    @ValueSource(strings = {VIEW, "/admin/page", "/admin/page/configs", "/admin/page/nothing", "/admin/page/pool/live"})
    void whoeverIsNotLoggedInIsSentToTheLogIn(String path) {
        stranger().get(path).then().statusCode(303).header("Location", containsString("/admin/page/login"));
        with("x").get(path).then().statusCode(303).header("Location", containsString("/admin/page/login"));
    }

    @Test
    void theAddressThatPeopleKnowLeadsToTheFirstView() {
        stranger().get("/admin/").then().statusCode(303).header("Location", containsString(VIEW));
    }

    @Test
    void aPartOfAPageThatIsFetchedSendsThePageToTheLogIn() {
        stranger()
                .header("HX-Request", "true")
                .get("/admin/page/pool/live")
                .then()
                .statusCode(401)
                .header("HX-Redirect", "/admin/page/login")
                .body(emptyOrNullString());
    }

    @Test
    void anAdminKeyOpensAndItsCookieIsForThePageAlone() {
        String cookie = logIn(Api.ADMIN_KEY)
                .then()
                .statusCode(303)
                .header("Location", containsString(VIEW))
                .extract()
                .header("Set-Cookie");
        assertThat(cookie)
                .startsWith(COOKIE + "=")
                .contains("Path=/admin/page")
                .contains("HTTPOnly")
                .contains("SameSite=Strict")
                .doesNotContain("Secure")
                .doesNotContain(Api.ADMIN_KEY);
        with(session()).get(VIEW).then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({
        "wrong, 401, unknown",
        Api.KEY + ", 403, admin key",
        "'', 422, Enter an admin key",
        "'<script>', 401, unknown",
    })
    void whateverElseDoesNotOpenAndThePageSaysWhy(String key, int status, String why) {
        logIn(key)
                .then()
                .statusCode(status)
                .header("Set-Cookie", nullValue())
                .contentType("text/html")
                .body(containsString(why), not(containsString("<script>\"")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/projects", "/admin/pool-status", "/v1/conversations"})
    void theApiNeverLooksAtTheCookie(String path) {
        with(session()).get(path).then().statusCode(401).body("error.code", equalTo("invalid_api_key"));
    }

    @Test
    void aKeyDoesNotOpenThePageByItself() {
        stranger()
                .header("Authorization", "Bearer " + Api.ADMIN_KEY)
                .get(VIEW)
                .then()
                .statusCode(303);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "none"})
    void whatABrowserSaysComesFromElsewhereChangesNothing(String site) {
        String session = session();
        given().cookie(COOKIE, session)
                .header("Sec-Fetch-Site", site)
                .formParam("name", "x")
                .post("/admin/page/projects")
                .then()
                .statusCode(403)
                .body("error.code", equalTo("insufficient_permissions"));
    }

    @Test
    void anOlderBrowserIsKnownByTheOrigin() {
        String session = session();
        for (Map.Entry<String, Integer> origin : Map.of(
                        "http://localhost:" + RestAssured.port, 303, "http://localhost:1", 403, "null", 403, "%", 403)
                .entrySet()) {
            given().config(RestAssured.config()
                            .redirect(io.restassured.config.RedirectConfig.redirectConfig()
                                    .followRedirects(false)))
                    .cookie(COOKIE, session)
                    .header("Origin", origin.getKey())
                    .formParam("key", Api.ADMIN_KEY)
                    .post("/admin/page/login")
                    .then()
                    .statusCode(origin.getValue());
        }
        given().formParam("key", Api.ADMIN_KEY).post("/admin/page/login").then().statusCode(403);
    }

    @Test
    void aLogOutEndsTheSessionAndEveryCopyOfItsCookie() {
        String session = session();
        String other = session();
        with(session)
                .post("/admin/page/logout")
                .then()
                .statusCode(200)
                .header("Set-Cookie", containsString("Max-Age=0"))
                .body(containsString("has ended"));
        with(session).get(VIEW).then().statusCode(303);
        with(other).get(VIEW).then().statusCode(200);
    }

    @Test
    void aLogOutOnAnotherReplicaIsSoonSeenHere() {
        String session = session();
        database.execute(
                "INSERT INTO admin_logouts (id, until) VALUES (?, now() + interval '1 hour')",
                session.substring(0, 32));
        await().untilAsserted(() -> with(session).get(VIEW).then().statusCode(303));
    }

    @Test
    void aCookieIsGoodOnlyAsItWasSealed() {
        String session = session();
        String[] parts = session.split("\\.");
        String later = parts[0] + "." + parts[1] + "." + (Long.parseLong(parts[2]) + 1) + "." + parts[3];
        String other = "0".repeat(32) + session.substring(32);
        for (String changed : new String[] {later, other, session + "x", "", "...", session.replace(".", "")}) {
            with(changed).get(VIEW).then().statusCode(303);
        }
    }

    @Test
    void openingAViewHasTheSessionLastLongerAndItsFiguresDoNot() {
        String session = session();
        with(session).get(VIEW).then().header("Set-Cookie", containsString(session.substring(0, 32)));
        with(session).get("/admin/page/pool/live").then().statusCode(200).header("Set-Cookie", nullValue());
    }
}
