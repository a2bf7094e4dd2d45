package dev.holdfast.admin.page;

import static io.restassured.RestAssured.given;

import dev.holdfast.testkit.Api;
import io.restassured.config.RedirectConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** What a browser would send, without one. */
final class Browserless {

    static final String COOKIE = "holdfast_admin";

    private static final RestAssuredConfig STAY =
            RestAssuredConfig.config().redirect(RedirectConfig.redirectConfig().followRedirects(false));

    private Browserless() {}

    /** Of nobody, from a page of the same origin; redirects are not followed. */
    static RequestSpecification stranger() {
        return given().config(STAY)
                .header("Sec-Fetch-Site", "same-origin")
                .contentType(ContentType.URLENC.withCharset("UTF-8"));
    }

    static RequestSpecification with(String session) {
        return stranger().cookie(COOKIE, session);
    }

    static Response logIn(String key) {
        return stranger().formParam("key", key).post("/admin/page/login");
    }

    /** The session's cookie. */
    static String session() {
        return logIn(Api.ADMIN_KEY).then().statusCode(303).extract().cookie(COOKIE);
    }
}
