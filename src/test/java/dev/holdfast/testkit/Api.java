package dev.holdfast.testkit;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;

/** Requests to the service under test, with the keys that tests and dev mode have. */
public final class Api {

    public static final String KEY = "holdfast-dev-api-key";
    public static final String ADMIN_KEY = "holdfast-dev-admin-key";

    private Api() {}

    /** In the project {@code default}. */
    public static RequestSpecification api() {
        return with(KEY);
    }

    public static RequestSpecification admin() {
        return with(ADMIN_KEY);
    }

    public static RequestSpecification with(String key) {
        return given().header("Authorization", "Bearer " + key).contentType(ContentType.JSON);
    }

    /** A new conversation of the project {@code default}; its id. */
    public static String newConversation() {
        return api().body("{}")
                .post("/v1/conversations")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
    }

    /** A request that appends one message to a conversation, with an id where one is given. */
    public static String message(String text) {
        return "{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"" + text + "\"}]}";
    }
}
