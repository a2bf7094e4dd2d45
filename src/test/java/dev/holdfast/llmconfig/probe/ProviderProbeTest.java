package dev.holdfast.llmconfig.probe;

import static dev.holdfast.llmconfig.probe.FaultyProvider.MODELS;
import static dev.holdfast.llmconfig.probe.FaultyProvider.endless;
import static dev.holdfast.llmconfig.probe.FaultyProvider.hangUp;
import static dev.holdfast.llmconfig.probe.FaultyProvider.http;
import static dev.holdfast.llmconfig.probe.FaultyProvider.raw;
import static dev.holdfast.llmconfig.probe.FaultyProvider.rawAndClose;
import static dev.holdfast.llmconfig.probe.FaultyProvider.reset;
import static dev.holdfast.llmconfig.probe.FaultyProvider.silence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Backoff;
import dev.holdfast.db.Deadline;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import dev.holdfast.testkit.Certificates;
import dev.holdfast.testkit.LogCapture;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider over TLS that does whatever providers do. */
class ProviderProbeTest {

    private static final String KEY = "sk-marked-0123456789-secret";
    private static final String HOST = "llm.holdfast.test";
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final int MOST_BYTES = 4096;

    private static Vertx vertx;

    private final Certificates certificates = Certificates.shared();
    private final List<String> resolved = new CopyOnWriteArrayList<>();
    private final List<Integer> waits = new CopyOnWriteArrayList<>();
    private List<String> addresses = List.of("127.0.0.1");
    private FaultyProvider provider = new FaultyProvider(vertx, certificates.wildcard);
    private boolean allowLoopback = true;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void closeAll() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void closeProvider() {
        provider.close();
    }

    @Test
    void aListOfModelsIsFine() {
        provider.answers(http(200, MODELS));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).isTrue();
        assertThat(result.status()).isEqualTo(200);
        assertThat(result.error()).isNull();
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(result.latencyMs()).isNotNegative();
        assertThat(provider.requests)
                .singleElement()
                .asString()
                .startsWith("GET /v1/models HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nhost: " + HOST + ":" + provider.port() + "\r\n")
                .contains("Authorization: Bearer " + KEY);
        assertThat(provider.serverNames).containsExactly(HOST);
        assertThat(resolved).containsExactly(HOST);
    }

    static Stream<Arguments> passingTroubles() {
        return Stream.of(
                Arguments.of("500", http(500, "oops")),
                Arguments.of("503 with a time", http(503, Map.of("Retry-After", "0"), "")),
                Arguments.of("429", http(429, "{}")),
                Arguments.of("closed at once", hangUp()),
                Arguments.of("reset", reset()),
                Arguments.of("closed in the middle", rawAndClose("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passingTroubles")
    void whatMayPassIsTriedAgainAtTheAddressesThatWereResolvedOnce(String what, FaultyProvider.Answer trouble) {
        provider.answers(trouble, http(200, MODELS));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).as(result.toString()).isTrue();
        assertThat(result.attempts()).isEqualTo(2);
        assertThat(resolved).hasSize(1);
        assertThat(waits).containsExactly(1);
    }

    @Test
    void aProviderThatFailsThreeTimesHasFailed() {
        provider.answers(http(502, "{\"error\":\"first\"}"), http(500, ""), http(529, "{\"error\":\"overloaded\"}"));

        ProbeResult result = test(LONG);

        assertThat(result).isEqualTo(new ProbeResult(false, 529, result.latencyMs(), "HTTP 529: overloaded", 3));
        assertThat(waits).containsExactly(1, 2);
    }

    @Test
    void aProviderIsLeftAloneForAsLongAsItSays() {
        provider.answers(http(429, Map.of("Retry-After", "1"), ""), http(200, MODELS));
        long before = System.nanoTime();

        assertThat(test(LONG).attempts()).isEqualTo(2);
        assertThat(System.nanoTime() - before)
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void whoAsksForMoreTimeThanThereIsGetsNoSecondTry() {
        provider.answers(http(429, Map.of("Retry-After", "31"), "{\"error\":{\"message\":\"Slow down.\"}}"));

        ProbeResult result = test(LONG);

        assertThat(result.attempts()).isEqualTo(1);
        assertThat(result.error()).isEqualTo("HTTP 429: Slow down.");
    }

    static Stream<Arguments> slowness() {
        return Stream.of(
                Arguments.of("nothing", silence(), null),
                Arguments.of("half a head", raw("HTTP/1.1 200 OK\r\nContent-"), null),
                Arguments.of("a body byte by byte", endless("{\"data\":", " ", 5), 200));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("slowness")
    void anAttemptHasItsTimeHoweverSlowlyItIsUsedUp(String what, FaultyProvider.Answer answer, Integer status) {
        provider.answers(answer);

        ProbeResult result = test(SHORT);

        assertThat(result.ok()).isFalse();
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.error()).isEqualTo("No complete answer within 300 ms.");
        assertThat(result.attempts()).isEqualTo(3);
        await().until(() -> provider.open() == 0);
    }

    @ParameterizedTest
    @CsvSource({"'{\"data\":[', ' {\"id\":\"x\"},', true", "<html>, spam, false", "'{\"x\":\"', spam, true"})
    void anEndlessAnswerIsCut(String beginning, String piece, boolean ok) {
        provider.answers(endless(beginning, piece.repeat(100), 1));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).as(result.toString()).isEqualTo(ok);
        assertThat(result.status()).isEqualTo(200);
        await().until(() -> provider.open() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsReportedAndNotFollowed(int status) {
        String elsewhere = "https://" + HOST + ":" + provider.port() + "/elsewhere";
        provider.answers(http(status, Map.of("Location", elsewhere), ""), http(200, MODELS));

        assertThat(test(LONG).error()).isEqualTo("HTTP " + status + ": a redirect, which is not followed.");
        assertThat(provider.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"401, no", "400, no", "404, no", "200, '<html>page</html>'", "200, ''", "204, ''"})
    void whatWillNotChangeIsNotTriedAgain(int status, String body) {
        provider.answers(http(status, body));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).isFalse();
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.error()).startsWith("HTTP " + status);
        assertThat(result.attempts()).isEqualTo(1);
    }

    static Stream<Arguments> certificates() {
        Certificates all = Certificates.shared();
        return Stream.of(
                Arguments.of("of another host", all.wrongHost),
                Arguments.of("for the address and not the name", all.good),
                Arguments.of("expired", all.expired),
                Arguments.of("of an authority unheard of", all.otherGood),
                Arguments.of("self-signed", all.selfSigned));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("certificates")
    void aServerThatIsNotProvenGetsNoKey(String what, Certificates.Issued certificate) {
        provider.close();
        provider = new FaultyProvider(vertx, certificate).answers(http(200, MODELS));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).isFalse();
        assertThat(result.error()).startsWith("The server's certificate is not trusted.");
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(provider.requests).isEmpty();
    }

    @Test
    void aServerWithoutTlsGetsNoKeyEither() {
        provider.close();
        provider = new FaultyProvider(vertx, null).answers(http(200, MODELS));

        ProbeResult result = test(SHORT);

        assertThat(result.ok()).isFalse();
        assertThat(provider.requests).isEmpty();
    }

    @Test
    void anIpv6AddressStandsInBrackets() {
        ProbeTarget target = new ProbeTarget("openai", "https://[2001:db8::1]:" + provider.port(), KEY);
        assertThat(probe(LONG)
                        .test(target, Deadline.in(LONG))
                        .await()
                        .atMost(LONG)
                        .error())
                .startsWith(
                        "The server's certificate is not trusted. (No subject alternative names matching IP address");

        provider.close();
        provider = new FaultyProvider(vertx, null).answers(http(200, MODELS));
        target = new ProbeTarget("openai", "http://[2001:db8::1]:" + provider.port(), null);
        assertThat(probe(LONG)
                        .test(target, Deadline.in(LONG))
                        .await()
                        .atMost(LONG)
                        .ok())
                .isTrue();
        assertThat(provider.requests)
                .singleElement()
                .asString()
                .containsIgnoringCase("\r\nhost: [2001:db8::1]:" + provider.port() + "\r\n");
        assertThat(resolved).containsOnly("[2001:db8::1]");
    }

    @Test
    void aPortWhereNobodyListensIsTriedThreeTimes() {
        int port = provider.port();
        provider.close();

        ProbeResult result =
                probe(LONG).test(target(port), Deadline.in(LONG)).await().atMost(LONG);

        assertThat(result)
                .isEqualTo(new ProbeResult(false, null, result.latencyMs(), "No connection could be made.", 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.7\r\n\r\n", "220 mail.example ESMTP\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"})
    void rubbishIsNoAnswer(String rubbish) {
        provider.answers(raw(rubbish));

        ProbeResult result = test(LONG);

        assertThat(result.ok()).isFalse();
        assertThat(result.error()).isEqualTo("The answer is not HTTP, or has too long a head.");
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void anEndlessHeadIsNoAnswer() {
        provider.answers(raw("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(100_000)));

        assertThat(test(LONG).error()).isEqualTo("The answer is not HTTP, or has too long a head.");
    }

    @Test
    void theKeyIsNeitherShownNorLoggedEvenIfTheProviderEchoesIt() {
        String encoded = Base64.getEncoder().encodeToString(("Bearer " + KEY).getBytes());
        provider.answers(http(
                401,
                "{\"error\":{\"message\":\"Incorrect API key: " + KEY + ", " + encoded + ", sk-marked-0123***\"}}"));

        try (LogCapture log = LogCapture.ofEverything()) {
            ProbeResult result = test(LONG);

            assertThat(result.error())
                    .startsWith("HTTP 401: Incorrect API key: [key], ")
                    .doesNotContain("marked");
            assertThat(result.error()).doesNotContain(encoded.substring(8, 30));
            assertThat(log.lines())
                    .allSatisfy(line -> assertThat(line.toString()).doesNotContain(KEY));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "169.254.169.254, metadata",
        "127.0.0.1 169.254.169.254, metadata",
        "10.1.2.3 127.0.0.1, allow-private",
        "127.0.0.1 fe80::1, link-local"
    })
    void noneOfTheAddressesMayBeForbidden(String addresses, String why) {
        this.addresses = List.of(addresses.split(" "));

        ProbeResult result = test(LONG);

        assertThat(result.error()).contains(why);
        assertThat(result).isEqualTo(ProbeResult.refused(result.error()));
        assertThat(provider.requests).isEmpty();
    }

    @Test
    void thisHostIsCalledOnlyWhereThatIsAllowed() {
        allowLoopback = false;

        assertThat(test(LONG).error()).contains("127.0.0.1").contains("allow-loopback");
        assertThat(provider.requests).isEmpty();
    }

    @Test
    void anAddressOutOfReachIsFollowedByTheNext() {
        provider.answers(http(200, MODELS));
        addresses = List.of("127.0.0.9", "127.0.0.1");

        ProbeResult result = test(Duration.ofSeconds(5));

        assertThat(result.ok()).as(result.toString()).isTrue();
        assertThat(result.attempts()).isEqualTo(2);
    }

    @Test
    void aHostThatCannotBeResolvedIsNotCalled() {
        addresses = List.of();

        assertThat(test(LONG)).isEqualTo(ProbeResult.refused("The host could not be resolved."));
    }

    @Test
    void resolvingHasItsTimeToo() {
        ProviderProbe probe = new ProviderProbe(
                vertx, limits(SHORT, 1), backoff(), host -> Future.future(never -> {}), new HttpClientOptions());

        assertThat(probe.test(target(1), Deadline.in(LONG)).await().atMost(LONG))
                .isEqualTo(ProbeResult.refused("The host could not be resolved within 300 ms."));
    }

    @Test
    void aBaseUrlThatIsNoneIsTheResult() {
        assertThat(probe(LONG)
                        .test(new ProbeTarget("openai", "gopher://x", KEY), Deadline.in(LONG))
                        .await()
                        .atMost(LONG))
                .isEqualTo(ProbeResult.refused("base_url must begin with https:// or http://."));
    }

    @Test
    void theRequestsDeadlineEndsATestThatMightGoOn() {
        provider.answers(silence());

        ProbeResult result = probe(LONG)
                .test(target(provider.port()), Deadline.in(SHORT))
                .await()
                .atMost(LONG);

        assertThat(result.ok()).isFalse();
        assertThat(result.error()).startsWith("No complete answer within ");
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void onlySoManyAreTestedAtATime() {
        provider.answers(silence());
        ProviderProbe probe = probe(LONG);
        List<Cancellable> running = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            running.add(start(probe));
        }
        await().until(() -> provider.requests.size() == 2);

        assertThatThrownBy(() -> test(probe)).isInstanceOfSatisfying(Problem.class, p -> {
            assertThat(p.code()).isEqualTo(ErrorCode.TOO_MANY_PROVIDER_TESTS);
            assertThat(p.retryAfter()).isEqualTo(LONG);
        });

        running.get(0).cancel();
        provider.answers(http(200, MODELS));
        assertThat(test(probe).ok()).isTrue();
        running.get(1).cancel();
    }

    @Test
    void cancellingDropsTheConnection() {
        provider.answers(silence());
        Cancellable running = start(probe(LONG));
        await().until(() -> provider.requests.size() == 1);

        running.cancel();

        await().until(() -> provider.open() == 0);
        assertThat(waits).isEmpty();
    }

    @Test
    void cancellingBetweenAttemptsIsTheEnd() {
        FaultyProvider.Answer later = http(500, Map.of("Retry-After", "1"), "");
        provider.answers(later, later, http(200, MODELS));
        ProviderProbe probe = probe(LONG);
        Cancellable cancelled = start(probe);
        await().until(() -> waits.size() == 1);
        CompletableFuture<ProbeResult> other =
                probe.test(target(provider.port()), Deadline.in(LONG)).subscribeAsCompletionStage();
        await().until(() -> waits.size() == 2);

        cancelled.cancel();

        assertThat(other.orTimeout(30, TimeUnit.SECONDS).join().attempts()).isEqualTo(2);
        assertThat(provider.requests)
                .as("the first's second attempt would have come before")
                .hasSize(3);
    }

    @Test
    void theServicesOwnProbeResolvesByThePlatform() {
        provider.close();
        provider = new FaultyProvider(vertx, null).answers(http(200, "{\"models\":[]}"));
        Map<String, String> settings = Map.of("HOLDFAST_PROVIDER_TEST_ALLOW_LOOPBACK", "true");
        ProviderProbe probe = new ProviderProbe(vertx, ProbeLimitsTest.config(settings));

        ProbeResult result = probe.test(
                        new ProbeTarget("ollama", "http://localhost:" + provider.port(), null), Deadline.in(LONG))
                .await()
                .atMost(LONG);

        assertThat(result.ok()).as(result.toString()).isTrue();
        probe.stop(null);
    }

    private ProbeResult test(Duration attemptTimeout) {
        return test(probe(attemptTimeout));
    }

    private ProbeResult test(ProviderProbe probe) {
        return probe.test(target(provider.port()), Deadline.in(LONG)).await().atMost(LONG);
    }

    private Cancellable start(ProviderProbe probe) {
        return probe.test(target(provider.port()), Deadline.in(LONG))
                .subscribe()
                .with(result -> {});
    }

    private static ProbeTarget target(int port) {
        return new ProbeTarget("openai", "https://" + HOST + ":" + port + "/v1", KEY);
    }

    private ProviderProbe probe(Duration attemptTimeout) {
        HttpClientOptions options = new HttpClientOptions()
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(certificates.authority.certificate().toString()));
        return new ProviderProbe(vertx, limits(attemptTimeout, 2), backoff(), this::resolve, options);
    }

    private ProbeLimits limits(Duration attemptTimeout, int concurrent) {
        return new ProbeLimits(attemptTimeout, LONG, MOST_BYTES, concurrent, false, allowLoopback);
    }

    /** No waits, but each is noted. */
    private Backoff backoff() {
        return new Backoff(1_000_000, 1_000_000, () -> {
            waits.add(waits.size() + 1);
            return 0;
        });
    }

    private Future<List<InetAddress>> resolve(String host) {
        resolved.add(host);
        List<InetAddress> all = new ArrayList<>();
        try {
            for (String address : addresses) {
                all.add(InetAddress.getByName(address));
            }
        } catch (UnknownHostException e) {
            return Future.failedFuture(e);
        }
        return Future.succeededFuture(all);
    }
}
