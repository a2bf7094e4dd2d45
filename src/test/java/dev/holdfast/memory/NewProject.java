package dev.holdfast.memory;

import static dev.holdfast.testkit.Api.admin;

import io.restassured.response.Response;
import java.util.UUID;

/** A project of a test's own, and a key of it. */
record NewProject(String id, String key) {

    static NewProject create() {
        return create("{}");
    }

    /** @param options of the key */
    static NewProject create(String options) {
        String id = "t-" + UUID.randomUUID();
        admin().body("{\"id\":\"%s\",\"name\":\"t\"}".formatted(id))
                .post("/admin/projects")
                .then()
                .statusCode(200);
        return new NewProject(id, key(id, options));
    }

    /** A further key of this project. */
    String otherKey() {
        return key(id, "{}");
    }

    private static String key(String id, String options) {
        Response made = admin().body(options).post("/admin/projects/{id}/keys", id);
        return made.then().statusCode(200).extract().path("key");
    }
}
