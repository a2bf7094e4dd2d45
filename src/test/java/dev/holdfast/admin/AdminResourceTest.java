package dev.holdfast.admin;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.newConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.db.Database;
import dev.holdfast.testkit.Management;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AdminResourceTest {

    @Inject
    Database database;

    @ParameterizedTest
    @ValueSource(strings = {"/admin/pool-status", "/admin/llm-configs/debug/pool-status"})
    void poolStatusHasAllThatTheContractNames(String path) {
        newConversation();
        JsonPath status = admin().get(path)
                .then()
                .statusCode(200)
                .body("status", equalTo("healthy"))
                .body("max_size", equalTo(50))
                .body("max_waiting", equalTo(500))
                .body("in_use", equalTo(0))
                .body("idle", greaterThan(0))
                .body("waiting", equalTo(0))
                .body("oldest_wait_ms", equalTo(0))
                .body("acquire_ms", hasKey("p99"))
                .body("usage_ms", hasKey("max"))
                .body("acquired_total", greaterThan(0))
                .body("connections.opened_total", greaterThan(0))
                .body("connections", hasKey("last_drop"))
                .body("tls.mode", equalTo("prefer"))
                .body("tls.plaintext", greaterThan(0))
                .body("database.state", equalTo("ok"))
                .body("database.last_ok_at", notNullValue())
                .body("server.max_connections", greaterThan(0))
                .body("server.by_state", notNullValue())
                .body("server.sampled_at", notNullValue())
                .body("projects", notNullValue())
                .extract()
                .jsonPath();
        assertThat(status.getLong("asked_total"))
                .isEqualTo(status.getLong("acquired_total")
                        + status.getLong("timeouts_total")
                        + status.getLong("rejected_total")
                        + status.getLong("cancelled_total")
                        + status.getLong("connect_failed_total")
                        + status.getLong("refused_total"));
    }

    @Test
    void figuresTakeNoConnection() {
        newConversation();
        long before = database.figures().asked();
        admin().get("/admin/pool-status").then().statusCode(200);
        admin().get("/admin/metrics/database").then().statusCode(200);
        RestAssured.get("/health").then().statusCode(200);
        RestAssured.get("/healthz").then().statusCode(200);
        assertThat(database.figures().asked()).isEqualTo(before);
    }

    @Test
    void databaseMetricsCountStatementsAndErrors() {
        newConversation();
        api().get("/v1/conversations/nothing").then().statusCode(404);
        admin().get("/admin/metrics/database")
                .then()
                .statusCode(200)
                .body("pool.max_size", equalTo(50))
                .body("operations.'conversations.create'.succeeded_total", greaterThanOrEqualTo(1))
                .body("operations.'conversations.create'.latency_ms.p50", notNullValue())
                .body("errors_by_code.not_found", greaterThanOrEqualTo(1));
    }

    @Test
    void projectsMayNotLook() {
        api().get("/admin/pool-status").then().statusCode(403).body("error.code", equalTo("insufficient_permissions"));
    }

    @Test
    void metricsAreExportedOnTheManagementPort() {
        String text = RestAssured.get(Management.url("/q/metrics/application")).asString();
        assertThat(text)
                .contains("# TYPE application_holdfast_pool_in_use gauge")
                .contains("application_holdfast_pool_max_size 50.0")
                .contains("# TYPE application_holdfast_acquires_total counter")
                .contains("application_holdfast_database_up 1.0")
                .contains("application_holdfast_errors_total{code=\"pool_queue_full\"}");
    }
}
