package dev.holdfast.admin.page;

import static dev.holdfast.admin.page.Browserless.session;
import static dev.holdfast.admin.page.Browserless.stranger;
import static dev.holdfast.admin.page.Browserless.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.holdfast.db.Database;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class PagesTest {

    private static final int MOST_BYTES = 200 * 1000;
    private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"(/admin/page/assets/[^\"]+)\"");

    @Inject
    Database database;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/page/login",
                "/admin/page/pool",
                "/admin/page/pool/live",
                "/admin/page/configs",
                "/admin/page/configs/new",
                "/admin/page/configs/cfg_no",
                "/admin/page/projects"
            })
    void everyPageForbidsWhatIsNotItsOwnAndIsKeptNowhere(String path) {
        visitor(path)
                .get(path)
                .then()
                .contentType("text/html")
                .header("Content-Security-Policy", containsString("default-src 'none'; script-src 'self';"))
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Cache-Control", "no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/page/login", "/admin/page/pool", "/admin/page/configs/new", "/admin/page/projects"})
    void nothingInAPageWouldNeedAnUnsafePolicy(String path) {
        assertThat(visitor(path).get(path).then().statusCode(200).extract().asString())
                .doesNotContainPattern("<script(?![^>]* src=)")
                .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|javascript:|(src|href|action)=\"https?:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/page/pool", "/admin/page/configs", "/admin/page/projects"})
    void aPageWithAllThatItLoadsIsSmall(String path) throws Exception {
        String html = with(session()).get(path).asString();
        int bytes = html.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        for (String asset : assets(html)) {
            bytes += transferred(asset);
        }
        assertThat(bytes).isLessThan(MOST_BYTES);
    }

    @Test
    void whatAPageLoadsMayBeKeptForEverBecauseItsAddressHasItsHash() {
        List<String> assets = assets(with(session()).get("/admin/page/pool").asString());
        assertThat(assets).hasSize(6);
        for (String asset : assets) {
            stranger().get(asset).then().statusCode(200).header("Cache-Control", "public, max-age=31536000, immutable");
            stranger()
                    .get(asset.replaceFirst("assets/........", "assets/00000000"))
                    .then()
                    .statusCode(404);
        }
        stranger().get("/webjars/htmx.org/2.0.8/dist/htmx.min.js").then().statusCode(404);
    }

    @Test
    void aPageThatIsNotThereSaysSo() {
        with(session())
                .get("/admin/page/configs/cfg_no")
                .then()
                .statusCode(404)
                .body(containsString("There is no such LLM config."));
        with(session()).get("/admin/page/nothing").then().statusCode(404).body("error.code", equalTo("not_found"));
    }

    @Test
    void thePoolAndTheListOfConfigsTakeNoConnection() {
        String session = session();
        long before = database.figures().asked();
        for (String path : List.of("/admin/page/pool", "/admin/page/pool/live?after=5", "/admin/page/configs")) {
            with(session).get(path).then().statusCode(200);
        }
        assertThat(database.figures().asked()).isEqualTo(before);
    }

    @Test
    void thePoolViewHasItsHistoryAndALaterPartOnlyWhatIsNew() {
        String session = session();
        Response first = with(session).get("/admin/page/pool");
        assertThat(first.asString()).contains("Healthy", "of 50 connections are in use", "x (50 + 1 for the monitor)");
        with(session)
                .get("/admin/page/pool/live?after=99999999999")
                .then()
                .statusCode(200)
                .body(containsString("data-samples=\"[]\""));
        with(session).get("/admin/page/pool/live?after=nonsense").then().statusCode(200);
    }

    /** Whoever is logged in never sees the log-in. */
    private static RequestSpecification visitor(String path) {
        return path.endsWith("/login") ? stranger() : with(session());
    }

    private static List<String> assets(String html) {
        return ASSET.matcher(html).results().map((MatchResult m) -> m.group(1)).toList();
    }

    /** As a browser gets it. RestAssured would unpack it. */
    private static int transferred(String asset) throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + asset))
                                .header("Accept-Encoding", "gzip, deflate, br")
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("Content-Encoding")).hasValue("gzip");
        return response.body().length;
    }
}
