package dev.holdfast.http;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.SmallPool;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The budget of bytes, which is 20 MiB here and 10 MiB for a project. */
@QuarkusTest
@TestProfile(SmallPool.class)
class HeldBytesTest {

    private static final int MIB = 1024 * 1024;

    @Inject
    Intake intake;

    @AfterEach
    void nothingIsHeldInTheEnd() {
        await().until(() -> intake.heldBytes() == 0);
    }

    @Test
    void aBodyHoldsTheBytesThatItAnnouncesUntilItsClientHasGone() throws IOException {
        String conversation = newConversation();
        try (Socket slow = request("POST", "/v1/conversations/" + conversation + "/items", 8 * MIB)) {
            await().until(() -> intake.heldBytes() == 8 * MIB);

            api().body(item(3 * MIB))
                    .post("/v1/conversations/{id}/items", conversation)
                    .then()
                    .statusCode(429)
                    .header("Retry-After", is("1"))
                    .body("error.code", is("project_share_exceeded"));
            api().body(item(MIB))
                    .post("/v1/conversations/{id}/items", conversation)
                    .then()
                    .statusCode(200);
            assertThat(slow.isConnected()).isTrue();
        }
        await().until(() -> intake.heldBytes() == 0);
        api().body(item(3 * MIB))
                .post("/v1/conversations/{id}/items", conversation)
                .then()
                .statusCode(200);
    }

    @Test
    void anotherProjectIsRefusedOnlyWhereTheWholeBudgetIsHeld() throws IOException {
        String conversation = newConversation();
        String other = otherProject();
        try (Socket one = request("POST", "/v1/conversations/" + conversation + "/items", 9 * MIB)) {
            await().until(() -> intake.heldBytes() == 9 * MIB);
            admin().header("X-Holdfast-Project", other)
                    .body("{}")
                    .post("/v1/conversations")
                    .then()
                    .statusCode(200);
            try (Socket two = request("POST", "/v1/conversations", 9 * MIB, other)) {
                await().until(() -> intake.heldBytes() == 18 * MIB);

                admin().header("X-Holdfast-Project", otherProject())
                        .body(item(3 * MIB))
                        .post("/v1/conversations")
                        .then()
                        .statusCode(503)
                        .body("error.code", is("pool_queue_full"));
                assertThat(one.isConnected() && two.isConnected()).isTrue();
            }
        }
    }

    @Test
    void anAnswerIsHeldUntilASlowClientHasReadItAndNoConnectionMeanwhile() throws IOException {
        String conversation = newConversation();
        api().body(item(9 * MIB))
                .post("/v1/conversations/{id}/items", conversation)
                .then()
                .statusCode(200);
        await().until(() -> intake.heldBytes() == 0);
        String path = "/v1/conversations/" + conversation + "/items";
        try (Socket slow = request("GET", path, 0)) {
            await().until(() -> intake.heldBytes() > 9 * MIB);
            admin().get("/admin/pool-status").then().body("in_use", is(0));

            api().get(path).then().statusCode(429).body("error.code", is("project_share_exceeded"));

            byte[] buffer = new byte[64 * 1024];
            for (long read = 0; read < 9 * MIB; ) {
                read += slow.getInputStream().read(buffer);
            }
            await().until(() -> intake.heldBytes() == 0);
        }
        api().get(path).then().statusCode(200);
    }

    @Test
    void aClientThatNeverReadsItsAnswerHoldsNothingOnceItHasGone() throws IOException {
        String conversation = newConversation();
        api().body(item(9 * MIB))
                .post("/v1/conversations/{id}/items", conversation)
                .then()
                .statusCode(200);
        try (Socket slow = request("GET", "/v1/conversations/" + conversation + "/items", 0)) {
            await().until(() -> intake.heldBytes() > 9 * MIB);
            assertThat(slow.isConnected()).isTrue();
        }
    }

    private static String item(int bytes) {
        return "{\"items\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(bytes - 100) + "\"}]}";
    }

    private static String otherProject() {
        return admin().body("{\"name\":\"other\"}").post("/admin/projects").path("id");
    }

    private static Socket request(String method, String path, int length) throws IOException {
        return request(method, path, length, "default");
    }

    /** A request whose body never comes, and whose answer is not read. */
    private static Socket request(String method, String path, int length, String project) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("localhost", RestAssured.port));
        String head = method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Api.ADMIN_KEY
                + "\r\nX-Holdfast-Project: " + project + "\r\nContent-Type: application/json\r\n"
                + (length > 0 ? "Content-Length: " + length + "\r\n\r\n{" : "\r\n");
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
