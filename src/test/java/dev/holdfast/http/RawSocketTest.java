package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a well-behaved HTTP client can't be made to send. */
@QuarkusTest
class RawSocketTest {

    private static final String PATH = "/v1/test-plumbing";
    private static final byte[] CHUNK =
            ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);

    @TestHTTPResource("/")
    URI server;

    @ConfigProperty(name = "holdfast.api-key")
    String apiKey;

    private Socket socket;
    private OutputStream out;
    private InputStream in;

    @BeforeEach
    void connect() throws IOException {
        socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(10_000);
        out = socket.getOutputStream();
        in = socket.getInputStream();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    @Test
    void aChunkedBodyOverTheLimitIsTooLargeAndTheAnswerArrives() throws IOException {
        send(post("Transfer-Encoding: chunked"));
        for (int i = 0; i < 161; i++) {
            out.write(CHUNK);
        }
        send("0\r\n\r\n");

        String answer = readToEnd();

        assertError(answer, 413, "request_too_large");
        assertThat(answer).containsIgnoringCase("connection: close");
    }

    @Test
    void aChunkedBodyWithinTheLimitIsTaken() throws IOException {
        send(post("Transfer-Encoding: chunked\r\nConnection: close"));
        out.write(CHUNK);
        send("0\r\n\r\n");

        assertThat(readToEnd()).startsWith("HTTP/1.1 200").contains("{\"length\":65536}");
    }

    @Test
    void aTooLargeContentLengthIsRefusedBeforeTheBodyIsSent() throws IOException {
        send(post("Content-Length: 99999999999\r\nExpect: 100-continue"));

        assertError(readAnswer(), 413, "request_too_large");
    }

    @Test
    void anExpectedContinueIsGiven() throws IOException {
        send(post("Content-Length: 2\r\nExpect: 100-continue"));
        assertThat(readHead()).startsWith("HTTP/1.1 100");
        send("{}");

        assertThat(readAnswer()).startsWith("HTTP/1.1 200").contains("{\"length\":2}");
    }

    @Test
    void aRequestWithoutAKeyIsAnsweredBeforeItsBodyArrives() throws IOException {
        int posted = PlumbingResource.POSTED.get();
        send("POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");

        String answer = readAnswer();

        assertError(answer, 401, "invalid_api_key");
        assertThat(answer).containsIgnoringCase("connection: close");
        out.write(new byte[1_000_000]);
        assertThat(in.read()).as("end of the connection").isEqualTo(-1);
        assertThat(PlumbingResource.POSTED).hasValue(posted);
    }

    @Test
    void aSmallRefusedBodyDoesNotCostTheConnection() throws IOException {
        send("POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
        assertError(readAnswer(), 401, "invalid_api_key");
        send("0123456789");

        send("GET " + PATH + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + apiKey + "\r\n\r\n");
        assertThat(readAnswer()).startsWith("HTTP/1.1 200");
    }

    @Test
    void aClientThatWaitsForAContinueIsRefusedWithTheEndOfTheConnection() throws IOException {
        send("POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");

        String answer = readAnswer();

        assertError(answer, 401, "invalid_api_key");
        assertThat(answer).containsIgnoringCase("connection: close");
    }

    @Test
    void badChunksNeverReachAResource() throws IOException {
        int posted = PlumbingResource.POSTED.get();
        send(post("Transfer-Encoding: chunked"));
        send("nonsense\r\n\r\n");

        assertThat(readToEnd())
                .satisfiesAnyOf(
                        answer -> assertThat(answer).isEmpty(), answer -> assertError(answer, 400, "invalid_request"));
        assertThat(PlumbingResource.POSTED).hasValue(posted);
    }

    @Test
    void aBodyThatStallsMeetsTheDeadline() throws IOException {
        send(post("Content-Length: 100\r\nX-Request-Timeout-Ms: 200"));
        send("{");

        assertError(readAnswer(), 504, "deadline_exceeded");
    }

    @Test
    void pipelinedRequestsGetTheirOwnIds() throws IOException {
        String get = "GET " + PATH + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + apiKey + "\r\nx-request-id: ";
        send(get + "one\r\n\r\n" + get + "two\r\n\r\n");

        assertThat(readAnswer()).contains("x-request-id: one").contains("\"request_id\":\"one\"");
        assertThat(readAnswer()).contains("x-request-id: two").contains("\"request_id\":\"two\"");
    }

    @Test
    void pipelinedBodiesReachTheResourceInOrder() throws IOException {
        send(post("Content-Length: 2") + "{}" + post("Content-Length: 3") + "[1]" + post("Transfer-Encoding: chunked")
                + "5\r\n[1,2]\r\n0\r\n\r\n" + post("Content-Length: 0") + post("Content-Length: 1") + "1");

        for (int length : new int[] {2, 3, 5, -1, 1}) {
            assertThat(readAnswer()).endsWith("{\"length\":" + length + "}");
        }
    }

    @Test
    void aMissingHostIsABadRequestInTheContractsForm() throws IOException {
        send("GET " + PATH + " HTTP/1.1\r\n\r\n");

        assertError(readAnswer(), 400, "invalid_request");
    }

    @Test
    void aTargetThatIsNoPathIsInTheContractsFormToo() throws IOException {
        send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");

        assertError(readAnswer(), 404, "not_found");
    }

    @Test
    void malformedEscapesAreABadRequest() throws IOException {
        for (String target :
                new String[] {"/v1/%zz", PATH + "/number?n=%zz", PATH + "/number?n=%ff%", "/%", PATH + "/%a"}) {
            send("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + apiKey + "\r\n\r\n");

            assertError(readAnswer(), 400, "invalid_request");
        }
    }

    @Test
    void aContentTypeThatIsNoneIsUnsupported() throws IOException {
        send("POST " + PATH + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + apiKey
                + "\r\nContent-Type: not a type\r\nContent-Length: 2\r\n\r\n{}");

        assertError(readAnswer(), 415, "unsupported_media_type");
    }

    /** The codec answers what is no HTTP by itself, before anything of ours: bare, and with the end of the connection. */
    @Test
    void aMalformedRequestLineEndsTheConnection() throws IOException {
        send("GARBAGE\r\n\r\n");

        assertThat(readToEnd()).contains("400 Bad Request");
    }

    @Test
    void workIsCancelledWhenTheClientGoesAway() throws IOException {
        int started = PlumbingResource.STARTED.get();
        int cancelled = PlumbingResource.CANCELLED.get();
        send("GET " + PATH + "/never HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + apiKey + "\r\n\r\n");
        await().until(() -> PlumbingResource.STARTED.get() == started + 1);

        socket.close();

        await().until(() -> PlumbingResource.CANCELLED.get() == cancelled + 1);
    }

    private String post(String headers) {
        return "POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + apiKey + "\r\n" + headers + "\r\n\r\n";
    }

    private void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("end after %s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }

    private String readAnswer() throws IOException {
        String head = readHead();
        int length = head.lines()
                .filter(line -> line.toLowerCase().startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
        return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private String readToEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void assertError(String answer, int status, String code) {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .containsIgnoringCase("x-request-id: ")
                .contains("\"code\":\"" + code + "\"");
    }
}
