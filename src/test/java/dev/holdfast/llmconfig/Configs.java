package dev.holdfast.llmconfig;

import static dev.holdfast.testkit.Api.admin;

import io.restassured.response.Response;
import java.util.UUID;

/** Configs of this package's tests, made and read as an administrator does. */
final class Configs {

    static final String PATH = "/admin/llm-configs";

    private Configs() {}

    /** Unique within the database, and fit to be part of a URL as it is. */
    static String newName() {
        return "t-" + UUID.randomUUID();
    }

    static Response create(String body) {
        return admin().body(body).post(PATH);
    }

    /** A new config of OpenAI's with these fields besides, such as {@code "priority":1}; its id. */
    static String newConfig(String... fields) {
        String more = fields.length == 0 ? "" : "," + String.join(",", fields);
        return create("{\"name\":\"" + newName() + "\",\"provider\":\"openai\",\"model\":\"gpt-4o\"" + more + "}")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
    }

    static Response get(String id) {
        return admin().get(PATH + "/{id}", id);
    }

    static Response patch(String id, String body) {
        return admin().body(body).patch(PATH + "/{id}", id);
    }

    static Response makeDefault(String id) {
        return admin().post(PATH + "/{id}/default", id);
    }

    static Response delete(String id) {
        return admin().delete(PATH + "/{id}", id);
    }

    static Response history(String id, String query) {
        return admin().get(PATH + "/" + id + "/history" + query);
    }
}
