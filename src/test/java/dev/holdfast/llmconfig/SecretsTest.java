package dev.holdfast.llmconfig;

import static dev.holdfast.llmconfig.Configs.PATH;
import static dev.holdfast.llmconfig.Configs.newName;
import static dev.holdfast.llmconfig.probe.FaultyProvider.http;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import com.google.crypto.tink.Aead;
import dev.holdfast.llmconfig.probe.FaultyProvider;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.LogCapture;
import dev.holdfast.testkit.Management;
import dev.holdfast.testkit.PostgresResource;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A provider's key, whatever is done with it and whatever goes wrong on the way, is afterwards in no log line, answer, metric
 * and table: not in the clear, in base64 or in hex.
 */
@QuarkusTest
class SecretsTest {

    private static final String MARK = "sk-marked-provider-key-";

    @Inject
    Sealing sealing;

    @Inject
    ConfigCache cache;

    @Inject
    Vertx vertx;

    private final Logger ours = Logger.getLogger("dev.holdfast");
    private final LogCapture log = LogCapture.ofEverything();
    private final List<Response> answers = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();

    @BeforeEach
    void logEverything() {
        ours.setLevel(Level.FINE);
    }

    @AfterEach
    void close() {
        log.close();
        ours.setLevel(null);
        Keysets.use(sealing, cache, Keyset.parse(PostgresResource.KEYSET));
    }

    @Test
    void aKeyIsFoundNowhere() {
        String rotated = Keyset.rotate(PostgresResource.KEYSET);
        keepKeys(() -> Keysets.use(sealing, cache, Keyset.parse(rotated)));

        assertThat(traces()).isEmpty();
        assertThat(keys).hasSizeGreaterThan(8);
        assertThat(answers).extracting(Response::statusCode).contains(200, 400, 404, 409, 412, 413, 415);
    }

    /** The test above is worth something: where keys are not sealed, the same search finds them. */
    @Test
    void aKeyThatIsNotSealedIsFound() {
        Keyset open = new Keyset(new NoAead(), new byte[0], 1, Set.of(1L));
        Keysets.use(sealing, cache, open);

        keepKeys(() -> Keysets.use(sealing, cache, new Keyset(new NoAead(), new byte[] {1}, 2, Set.of(2L))));

        assertThat(traces()).containsOnlyKeys("table llm_configs");
        TestDatabase.shared()
                .execute("DELETE FROM llm_configs WHERE position(?::bytea IN api_key) > 0", MARK.getBytes(UTF_8));
    }

    private static final class NoAead implements Aead {
        @Override
        public byte[] encrypt(byte[] plaintext, byte[] associated) {
            return plaintext.clone();
        }

        @Override
        public byte[] decrypt(byte[] ciphertext, byte[] associated) {
            return ciphertext.clone();
        }
    }

    private String key() {
        keys.add(MARK + newName());
        return keys.get(keys.size() - 1);
    }

    private Response answered(Response answer) {
        answers.add(answer);
        return answer;
    }

    private Response create(RequestSpecification as, String more) {
        return answered(
                as.body("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",%s}".formatted(newName(), more))
                        .post(PATH));
    }

    /** Every way that a key can take into the service, good and bad. */
    private void keepKeys(Runnable rotate) {
        String id = create(admin(), "\"api_key\":\"" + key() + "\"").path("id");
        String named = "{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\",\"api_key\":\"%s\"}"
                .formatted(newName(), key());
        for (int i = 0; i < 2; i++) {
            answered(admin().header("Idempotency-Key", "secrets-" + id)
                    .body(named)
                    .post(PATH));
        }
        answered(admin().body(named).post(PATH));
        answered(admin().header("Idempotency-Key", "secrets-" + id)
                .body(named + " ")
                .post(PATH));
        answered(admin().body("{\"api_key\":\"" + key() + "\"}").patch(PATH + "/" + id));
        answered(admin().header("If-Match", "\"1\"")
                .body("{\"api_key\":\"" + key() + "\"}")
                .patch(PATH + "/" + id));
        answered(admin().body("{\"api_key\":\"" + key() + "\"}").patch(PATH + "/cfg_" + "0".repeat(40)));
        answered(api().body(named).post(PATH));
        badRequests(id);
        testAtAProviderThatTellsTheKey();
        rotate.run();
        answered(admin().post(PATH + "/reseal"));
        answered(admin().post(PATH + "/" + id + "/default"));
        answered(admin().header("X-Request-Timeout-Ms", "1")
                .body("{\"api_key\":\"" + key() + "\"}")
                .patch(PATH + "/" + id));
        sealing.use(null);
        create(admin(), "\"api_key\":\"" + key() + "\"");
        rotate.run();
        String removed = create(admin(), "\"api_key\":\"" + key() + "\"").path("id");
        answered(admin().body("{\"api_key\":null}").patch(PATH + "/" + removed));
        answered(admin().delete(PATH + "/" + removed));
        for (String read : List.of("", "?limit=100", "/" + id, "/" + id + "/history", "/" + removed + "/history")) {
            answered(admin().get(PATH + read));
        }
        answered(api().get("/v1/models"));
    }

    private void testAtAProviderThatTellsTheKey() {
        String key = key();
        try (FaultyProvider provider = new FaultyProvider(vertx, null)) {
            provider.answers(http(401, "{\"error\":{\"message\":\"Wrong key: " + key + "\"}}"));
            String id = create(
                            admin(),
                            "\"api_key\":\"%s\",\"base_url\":\"http://127.0.0.1:%d\"".formatted(key, provider.port()))
                    .path("id");
            answered(admin().post(PATH + "/" + id + "/test")).then().body("status", is(401));
            assertThat(provider.requests).singleElement().asString().contains(key);
        }
    }

    private void badRequests(String id) {
        create(admin(), "\"api_key\":\"" + key() + " \"");
        create(admin(), "\"api_key\":\"" + key() + "\",\"priority\":true");
        create(admin(), "\"api_key\":{\"" + "value\":\"" + key() + "\"}");
        create(admin(), "\"api_key\":\"" + key() + "\"\"");
        create(admin(), "\"base_url\":\"https://user:" + key() + "@llm.example\"");
        create(admin(), "\"base_url\":\"https://llm.example?key=" + key() + "\"");
        create(admin(), "\"params\":{\"api_key\":\"" + key() + "\"}");
        create(admin(), "\"api_key\":\"" + key() + "\",\"params\":\"" + "x".repeat(300_000) + "\"");
        create(admin().contentType("text/plain"), "\"api_key\":\"" + key() + "\"");
        create(admin().header("X-Request-Timeout-Ms", "0"), "\"api_key\":\"" + key() + "\"");
        answered(admin().body("{\"provider\":\"azure-openai\",\"api_key\":\"" + key() + "\"}")
                .patch(PATH + "/" + id));
    }

    /** Where keys were found, and what of it. */
    private Map<String, String> traces() {
        Map<String, String> traces = new TreeMap<>();
        search(traces, "log", log.lines().stream().map(Object::toString));
        search(
                traces,
                "answers",
                answers.stream()
                        .flatMap(a -> Stream.of(a.asString(), a.headers().toString())));
        search(
                traces,
                "metrics",
                Stream.of("/q/metrics", "/q/metrics/application", "/q/metrics/histograms", "/q/health")
                        .map(page -> RestAssured.get(Management.url(page)).asString()));
        search(
                traces,
                "pool-status",
                Stream.of(admin().get("/admin/metrics/database").asString()));
        for (Map<String, Object> table : TestDatabase.shared()
                .query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")) {
            search(traces, "table " + table.get("relname"), dump((String) table.get("relname")));
        }
        return traces;
    }

    /** Every row as text; bytes as hex, and as what they would be as text. */
    private static Stream<String> dump(String table) {
        return TestDatabase.shared().query("SELECT t.*, t::text AS whole_row FROM " + table + " t").stream()
                .flatMap(row -> row.values().stream())
                .map(value -> value instanceof byte[] bytes ? new String(bytes, ISO_8859_1) : String.valueOf(value));
    }

    private void search(Map<String, String> traces, String place, Stream<String> texts) {
        List<String> forms = keys.stream().flatMap(SecretsTest::forms).toList();
        texts.forEach(
                text -> forms.stream().filter(text::contains).forEach(form -> traces.put(place, form + " in " + text)));
    }

    /** A key in the clear, in hex, and as it shows in base64 wherever in the encoded text it begins. */
    private static Stream<String> forms(String key) {
        byte[] bytes = key.getBytes(UTF_8);
        Stream<String> base64 = Stream.of(0, 1, 2).flatMap(shift -> {
            byte[] shifted = new byte[bytes.length + shift];
            System.arraycopy(bytes, 0, shifted, shift, bytes.length);
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            String certain = encoded.substring(shift == 0 ? 0 : 4, encoded.length() - 4);
            return Stream.of(certain, certain.replace('+', '-').replace('/', '_'));
        });
        String hex = HexFormat.of().formatHex(bytes);
        return Stream.concat(Stream.of(key, hex, HexFormat.of().withUpperCase().formatHex(bytes)), base64);
    }
}
