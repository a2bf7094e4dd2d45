package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Api;
import io.quarkiverse.mcp.server.ToolManager;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The protocol's own conformance suite, which needs Node.js 22 and a network, so that {@code verify} does not run it:
 * {@code ./mvnw -Pconformance test -Dtest=ConformanceTest}. Left out are the scenarios of what this server does not offer:
 * resources, prompts, completion, and sampling and elicitation, with which a server asks its client; those of server-sent
 * event streams that outlast a request; and those of revisions that are drafts.
 */
@QuarkusTest
@Tag("conformance")
class ConformanceTest {

    private static final String COMMAND =
            System.getProperty("conformance.command", "npx --yes @modelcontextprotocol/conformance@0.1.16");

    @Inject
    ToolManager manager;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private ConformanceTools tools;
    private int port;

    @BeforeEach
    void start() {
        tools = new ConformanceTools(manager);
        port = vertx.createHttpServer()
                .requestHandler(this::pass)
                .listen(0)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    @AfterEach
    void stop() {
        tools.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** The suite knows of no keys: it gets ours on the way. */
    private void pass(HttpServerRequest in) {
        in.body()
                .compose(body -> client.request(in.method(), RestAssured.port, "localhost", in.uri())
                        .compose(out -> withKey(in, out).send(body)))
                .compose(answer -> passBack(answer, in))
                .onFailure(failure -> in.connection().close());
    }

    private static HttpClientRequest withKey(HttpServerRequest in, HttpClientRequest out) {
        out.headers().setAll(in.headers()).set(HttpHeaders.AUTHORIZATION, "Bearer " + Api.KEY);
        return out;
    }

    private static Future<Void> passBack(HttpClientResponse answer, HttpServerRequest in) {
        in.response().headers().setAll(answer.headers()).remove(HttpHeaders.CONTENT_LENGTH);
        return answer.pipeTo(in.response().setStatusCode(answer.statusCode()).setChunked(true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server-initialize",
                "logging-set-level",
                "ping",
                "tools-list",
                "tools-call-simple-text",
                "tools-call-image",
                "tools-call-audio",
                "tools-call-embedded-resource",
                "tools-call-mixed-content",
                "tools-call-with-logging",
                "tools-call-error",
                "tools-call-with-progress",
                "json-schema-2020-12",
                "dns-rebinding-protection"
            })
    void aScenarioOfWhatIsOfferedPasses(String scenario) throws Exception {
        List<String> command = new ArrayList<>(List.of(COMMAND.split(" ")));
        command.addAll(List.of("server", "--url", "http://localhost:" + port + "/mcp", "--scenario", scenario));
        Path directory = Files.createDirectories(Path.of("target", "conformance"));
        File output = directory.resolve(scenario + ".txt").toFile();

        int code = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start()
                .waitFor();

        String said = Files.readString(output.toPath(), StandardCharsets.UTF_8);
        assertThat(code).as(said).isZero();
        assertThat(said).contains(", 0 failed").doesNotContain("Passed: 0/");
    }
}
