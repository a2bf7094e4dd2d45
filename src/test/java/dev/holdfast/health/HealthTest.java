package dev.holdfast.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.testkit.Management;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.File;
import java.net.URL;
import java.util.Arrays;
import java.util.Comparator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthTest {

    @Test
    void livenessKnowsNothingOfPostgresql() {
        RestAssured.get(Management.url("/q/health/live"))
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks", empty());
    }

    @Test
    void startedIsUpOnceTheSchemaWasSeen() {
        Awaitility.await()
                .untilAsserted(() -> RestAssured.get(Management.url("/q/health/started"))
                        .then()
                        .statusCode(200)
                        .body("checks.name", containsInAnyOrder("schema")));
    }

    @Test
    void readinessHasThreeChecksWithDataBesideQuarkusOwn() {
        RestAssured.get(Management.url("/q/health/ready"))
                .then()
                .statusCode(200)
                .body(
                        "checks.name",
                        containsInAnyOrder("Graceful Shutdown", "database", "connection-pool", "ssl-reconnects"))
                .body("checks.find { it.name == 'database' }.data.state", equalTo("ok"))
                .body("checks.find { it.name == 'connection-pool' }.data.max_size", equalTo(50))
                .body("checks.find { it.name == 'ssl-reconnects' }.data.sslmode", equalTo("prefer"));
    }

    @Test
    void theApiPortTellsHealthWithoutAKey() {
        RestAssured.get("/healthz").then().statusCode(200).body("status", equalTo("ok"));
        RestAssured.get("/health")
                .then()
                .statusCode(200)
                .body("database.state", equalTo("ok"))
                .body("database.last_ok_at", notNullValue())
                .body("pool.status", equalTo("healthy"))
                .body("version", notNullValue())
                .body("uptime_seconds", notNullValue());
    }

    @Test
    void theExpectedSchemaIsTheNewestMigration() throws Exception {
        URL migrations = HealthTest.class.getResource("/db/migration");
        String newest = Arrays.stream(new File(migrations.toURI()).list())
                .map(name -> name.substring(1, name.indexOf("__")))
                .max(Comparator.comparingInt(Integer::parseInt))
                .orElseThrow();
        assertThat(SchemaStartup.VERSION).isEqualTo(newest);
    }
}
