package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.get;
import static dev.holdfast.llmconfig.Configs.newConfig;
import static dev.holdfast.llmconfig.Configs.patch;
import static dev.holdfast.llmconfig.probe.FaultyProvider.MODELS;
import static dev.holdfast.llmconfig.probe.FaultyProvider.http;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Ticket;
import dev.holdfast.llmconfig.probe.FaultyProvider;
import dev.holdfast.llmconfig.probe.ProbeTarget;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.LogCapture;
import dev.holdfast.testkit.PostgresResource;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A config tried out at its provider, as an administrator asks for it. */
@QuarkusTest
class ConfigProbeTest {

    private static final String KEY = "sk-marked-probe-0123456789";
    private static final Duration LONG = Duration.ofSeconds(30);

    /** As many tests as there may be at a time. */
    private static final int MOST = 4;

    @Inject
    Sealing sealing;

    @Inject
    ConfigCache cache;

    @Inject
    ConfigRepository repository;

    @Inject
    Database database;

    @Inject
    Vertx vertx;

    private FaultyProvider provider;
    private final List<NetSocket> kept = new CopyOnWriteArrayList<>();
    private volatile boolean open;

    @AfterEach
    void close() {
        if (provider != null) {
            provider.close();
        }
    }

    private String configAt(FaultyProvider.Answer answer, String... more) {
        provider = new FaultyProvider(vertx, null).answers(answer);
        return newConfig(Stream.concat(
                        Stream.of("\"base_url\":\"http://127.0.0.1:" + provider.port() + "/v1\""), Stream.of(more))
                .toArray(String[]::new));
    }

    /** Keeps connections waiting until {@link #goOn()}. */
    private void keep(Vertx vertx, NetSocket socket) {
        if (open) {
            http(200, MODELS).accept(vertx, socket);
        } else {
            kept.add(socket);
        }
    }

    /** Whoever waits has lost its connection, and is answered when it tries again. */
    private void goOn() {
        open = true;
        kept.forEach(NetSocket::close);
    }

    private static Response test(String id) {
        return admin().post(PATH + "/{id}/test", id);
    }

    @Test
    void theProviderGetsTheKeyAndNobodyElse() {
        String id = configAt(http(200, MODELS), "\"api_key\":\"" + KEY + "\"");
        Response before = get(id);
        long asked = database.figures().asked();

        try (LogCapture log = LogCapture.ofEverything()) {
            Response answer = test(id);

            answer.then()
                    .statusCode(200)
                    .body("ok", is(true))
                    .body("status", is(200))
                    .body("latency_ms", greaterThanOrEqualTo(0))
                    .body("error", nullValue())
                    .body("attempts", is(1));
            assertThat(answer.asString() + answer.headers()).doesNotContain(KEY);
            assertThat(log.lines())
                    .allSatisfy(line -> assertThat(line.toString()).doesNotContain(KEY));
        }
        assertThat(provider.requests)
                .singleElement()
                .asString()
                .startsWith("GET /v1/models HTTP/1.1\r\n")
                .contains("\r\nAuthorization: Bearer " + KEY + "\r\n");
        assertThat(database.figures().asked() - asked).as("statements").isEqualTo(1);
        assertThat(get(id).asString()).as("a test changes nothing").isEqualTo(before.asString());
    }

    @Test
    void aConfigWithoutAKeyIsTestedWithoutOne() {
        String id = configAt(http(401, "{\"error\":{\"message\":\"No key.\"}}"));

        test(id).then()
                .statusCode(200)
                .body("ok", is(false))
                .body("status", is(401))
                .body("error", is("HTTP 401: No key."));
        assertThat(provider.requests).singleElement().asString().doesNotContain("Authorization");
    }

    @Test
    void noConnectionIsTakenWhileTheProviderIsSilent() throws Exception {
        String id = configAt(this::keep, "\"api_key\":\"" + KEY + "\"");

        CompletableFuture<Response> answer = CompletableFuture.supplyAsync(() -> test(id));
        await().until(() -> !kept.isEmpty());

        assertThat(answer).isNotDone();
        admin().get("/admin/pool-status").then().body("in_use", is(0)).body("waiting", is(0));
        goOn();
        answer.get(60, TimeUnit.SECONDS).then().statusCode(200).body("attempts", greaterThanOrEqualTo(2));
    }

    @Test
    void moreTestsAtATimeThanAllowedAreRefused() throws Exception {
        String id = configAt(this::keep);
        List<CompletableFuture<Response>> answers = Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> test(id), task -> new Thread(task).start()))
                .limit(MOST)
                .toList();
        await().until(() -> kept.size() >= MOST);

        test(id).then()
                .statusCode(429)
                .header("Retry-After", matchesPattern("[1-9][0-9]*"))
                .body("error.code", is("too_many_provider_tests"));

        goOn();
        for (CompletableFuture<Response> answer : answers) {
            answer.get(60, TimeUnit.SECONDS).then().statusCode(200);
        }
        test(id).then().statusCode(200).body("ok", is(true));
    }

    @Test
    void theMetadataServiceOfACloudIsNeverCalled() {
        String id = newConfig("\"base_url\":\"http://169.254.169.254/latest\"", "\"api_key\":\"" + KEY + "\"");

        test(id).then()
                .statusCode(200)
                .body("ok", is(false))
                .body("status", nullValue())
                .body("latency_ms", nullValue())
                .body("error", containsString("169.254.169.254"))
                .body("attempts", is(0));
    }

    @Test
    void aKeyThatCannotBeOpenedIsAConflictAndTheProviderIsNotCalled() {
        String id = configAt(http(200, MODELS), "\"api_key\":\"" + KEY + "\"");
        Keysets.use(sealing, cache, Keyset.parse(Keyset.generate()));
        try {
            test(id).then()
                    .statusCode(409)
                    .body("error.code", is("conflict"))
                    .body("error.param", is("api_key"))
                    .body("error.message", containsString("can't be opened"));
        } finally {
            Keysets.use(sealing, cache, Keyset.parse(PostgresResource.KEYSET));
        }
        assertThat(provider.requests).isEmpty();

        patch(id, "{\"api_key\":null}").then().statusCode(200);
        test(id).then().statusCode(200).body("ok", is(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cfg_00000000000000000000000000000000000000", "nonsense"})
    void whatIsNotThereCannotBeTested(String id) {
        test(id).then().statusCode(404).body("error.code", is("not_found"));
    }

    @Test
    void projectsMayNotTest() {
        api().post(PATH + "/{id}/test", newConfig()).then().statusCode(403);
    }

    @ParameterizedTest
    @EnumSource
    void whereNoBaseUrlIsGivenItIsTheProvidersOwn(Provider kind) {
        String id = newConfig("\"api_key\":\"" + KEY + "\"", "\"base_url\":\"https://llm.example/base\"");
        patch(id, "{\"provider\":\"" + kind.text() + "\"}").then().statusCode(200);
        assertThat(target(id)).isEqualTo(new ProbeTarget(kind.text(), "https://llm.example/base", KEY));

        if (kind.defaultBaseUrl() != null) {
            patch(id, "{\"base_url\":null}").then().statusCode(200);
            assertThat(target(id)).isEqualTo(new ProbeTarget(kind.text(), kind.defaultBaseUrl(), KEY));
        }
    }

    @Test
    void aProviderOfANewerReleaseHasNoBaseUrlOfItsOwn() {
        String id = newConfig();
        TestDatabase.shared()
                .execute("UPDATE llm_configs SET provider = 'oracle', version = version + 1 WHERE id = ?", id);

        test(id).then().statusCode(409).body("error.param", is("base_url"));
        assertThatThrownBy(() -> target(id)).hasMessageContaining("'oracle'");
    }

    private ProbeTarget target(String id) {
        return repository
                .target(new Ticket("default", Deadline.in(LONG)), id)
                .await()
                .atMost(LONG);
    }
}
