package dev.holdfast.identity;

import static dev.holdfast.testkit.Api.ADMIN_KEY;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.with;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;

/** The limit on wrong keys, in a service that has one and is told clients' addresses by a proxy. */
@QuarkusTest
@TestProfile(SmallPool.class)
class GuessedKeysTest {

    @Test
    void keysCannotBeGuessedAtSpeedAndNobodyElseIsLockedOut() {
        String good = admin().post("/admin/projects/default/keys").path("key");
        for (int i = 0; i < SmallPool.FAILURES; i++) {
            from("2001:db8::" + i, "guess-" + i).get("/v1/conversations").then().statusCode(401);
        }

        // While these requests were under way, one more or two may have become allowed.
        await().until(() ->
                from("2001:db8::1", "guess").get("/v1/conversations").statusCode() == 429);
        from("2001:db8::2", ADMIN_KEY)
                .get("/admin/projects")
                .then()
                .statusCode(429)
                .header("Retry-After", matchesPattern("[1-3]"))
                .body("error.code", is("too_many_failed_attempts"))
                .body("error.type", is("rate_limit_error"));
        from("2001:db8::2", good).get("/v1/conversations").then().statusCode(200);
        from("2001:db8:0:1::2", ADMIN_KEY).get("/admin/projects").then().statusCode(200);
    }

    private static RequestSpecification from(String address, String key) {
        return with(key).header("X-Forwarded-For", address);
    }
}
