package dev.holdfast.admin;

import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.message;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.PlumbingResource;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.Management;
import dev.holdfast.testkit.Tool;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class MetricsTest {

    private static final String ALL = "/q/metrics";
    private static final String HISTOGRAMS = "/q/metrics/histograms";
    private static final String NEVER = "/v1/test-plumbing/never";

    @ParameterizedTest
    @ValueSource(strings = {ALL, "/q/metrics/application", HISTOGRAMS})
    void promtoolAcceptsTheMetrics(String path) {
        Tool promtool = Tool.require("promtool");
        api().body(message("Hello")).post("/v1/conversations/{id}/items", newConversation());
        api().get("/v1/conversations/nothing");

        assertThat(promtool.runWith(scrape(path), "check", "metrics")).isEqualTo(new Tool.Ended(0, ""));
    }

    @Test
    void promtoolRefusesWhatBreaksItsRules() {
        Tool.Ended ended =
                Tool.require("promtool").runWith(scrape(HISTOGRAMS).replace("# HELP", "#"), "check", "metrics");

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.output()).contains("no help text");
    }

    @Test
    void histogramsComeInPrometheusTextFormat() {
        newConversation();
        Response answer = RestAssured.get(Management.url(HISTOGRAMS));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        for (String name : List.of("holdfast_acquire_wait_seconds", "holdfast_connection_usage_seconds")) {
            assertThat(answer.asString())
                    .contains("# TYPE " + name + " histogram", name + "_bucket{le=\"0.0005\"} ")
                    .contains(name + "_bucket{le=\"+Inf\"} " + value(answer.asString(), name + "_count"));
            assertThat(value(answer.asString(), name + "_count")).isPositive();
        }
    }

    @Test
    void onePageHasThePoolTheHistogramsAndTheProcess() {
        Response answer = RestAssured.get(Management.url(ALL));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(answer.asString().lines())
                .contains(
                        "# TYPE holdfast_pool_in_use gauge",
                        "# TYPE holdfast_acquires_total counter",
                        "# TYPE holdfast_http_request_seconds histogram",
                        "# TYPE jvm_gc_collection_seconds summary",
                        "# TYPE process_cpu_seconds_total counter")
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jvm_memory_used_bytes{area=\"heap\"}",
                "jvm_memory_used_bytes{area=\"nonheap\"}",
                "jvm_memory_committed_bytes{area=\"heap\"}",
                "jvm_memory_max_bytes{area=\"heap\"}",
                "jvm_threads_current",
                "jvm_threads_peak",
                "process_start_time_seconds",
                "process_cpu_seconds_total",
                "process_open_fds",
                "process_max_fds"
            })
    void theProcessShowsWhatItUses(String series) {
        assertThat(number(scrape(ALL), series)).isPositive();
    }

    @Test
    void postgresqlIsInOneStateAndItsConnectionsAreCounted() {
        Awaitility.await()
                .untilAsserted(() -> assertThat(scrape(ALL).lines())
                        .contains(
                                "holdfast_database_state{state=\"ok\"} 1.0",
                                "holdfast_database_state{state=\"unreachable\"} 0.0",
                                "holdfast_database_state{state=\"credentials_rejected\"} 0.0",
                                "holdfast_server_reserved_connections 10.0",
                                "holdfast_server_certificate_expiry_timestamp_seconds NaN"));
        assertThat(number(scrape(ALL), "holdfast_server_connections"))
                .isPositive()
                .isLessThanOrEqualTo(number(scrape(ALL), "holdfast_server_max_connections"));
    }

    @Test
    void everyStatementIsInTheHistogramsOfTheConnections() {
        long waits = value(scrape(HISTOGRAMS), "holdfast_acquire_wait_seconds_count");
        newConversation();
        assertThat(value(scrape(HISTOGRAMS), "holdfast_acquire_wait_seconds_count"))
                .isEqualTo(waits + 1);
        assertThat(value(scrape(HISTOGRAMS), "holdfast_connection_usage_seconds_count"))
                .isEqualTo(waits + 1);
    }

    @Test
    void requestsAreCountedByTheTemplateOfTheirRoute() {
        String id = newConversation();
        long ok = requests("GET", "/v1/conversations/{conversation}", "2xx");
        long missing = requests("GET", "/v1/conversations/{conversation}", "4xx");
        api().get("/v1/conversations/{id}", id).then().statusCode(200);
        api().get("/v1/conversations/conv_unknown").then().statusCode(404);

        Awaitility.await().untilAsserted(() -> {
            assertThat(requests("GET", "/v1/conversations/{conversation}", "2xx"))
                    .isEqualTo(ok + 1);
            assertThat(requests("GET", "/v1/conversations/{conversation}", "4xx"))
                    .isEqualTo(missing + 1);
        });
        assertThat(scrape(HISTOGRAMS)).doesNotContain(id, "conv_unknown");
    }

    @Test
    void nothingThatAClientSendsMakesANewLabel() {
        newConversation();
        long before = requests("any", "none", "4xx");
        api().get("/v1/marked-path/{n}", 1).then().statusCode(404);
        RestAssured.get("/marked-path-without-a-key").then().statusCode(404);
        RestAssured.get("/v1/conversations").then().statusCode(401);
        api().request("BREW", "/v1/conversations").then().statusCode(405);

        Awaitility.await()
                .untilAsserted(() -> assertThat(requests("any", "none", "4xx")).isEqualTo(before + 4));
        assertThat(scrape(HISTOGRAMS)).doesNotContain("marked", "BREW");
    }

    @Test
    void aClientThatGoesAwayIsCountedAsAborted() throws Exception {
        long before = requests("GET", NEVER, "aborted");
        int started = PlumbingResource.started();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.getOutputStream()
                    .write(("GET " + NEVER + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Api.KEY + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> PlumbingResource.started() > started);
        }
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(requests("GET", NEVER, "aborted")).isEqualTo(before + 1));
    }

    @Test
    void whatAgentsAskForIsARouteOfItsOwn() {
        long before = requests("POST", "/mcp", "2xx");

        Api.api()
                .header("Accept", "application/json, text/event-stream")
                .body("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}")
                .post("/mcp")
                .then()
                .statusCode(200);

        Awaitility.await()
                .untilAsserted(() -> assertThat(requests("POST", "/mcp", "2xx")).isEqualTo(before + 1));
    }

    private static String scrape(String path) {
        return RestAssured.get(Management.url(path)).asString();
    }

    private static long requests(String method, String route, String outcome) {
        String series = "holdfast_http_request_seconds_count{method=\"" + method + "\",route=\"" + route
                + "\",outcome=\"" + outcome + "\"}";
        String text = scrape(HISTOGRAMS);
        return text.contains(series) ? value(text, series) : 0;
    }

    private static long value(String text, String series) {
        return Long.parseLong(reading(text, series, "\\d+"));
    }

    private static double number(String text, String series) {
        return Double.parseDouble(reading(text, series, "\\S+"));
    }

    private static String reading(String text, String series, String form) {
        var found = Pattern.compile("^" + Pattern.quote(series) + " (" + form + ")$", Pattern.MULTILINE)
                .matcher(text);
        assertThat(found.find()).as(series + " in " + text).isTrue();
        return found.group(1);
    }
}
