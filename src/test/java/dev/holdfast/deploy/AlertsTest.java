package dev.holdfast.deploy;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.testkit.Tool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The alerts: Prometheus takes them, they fire when they should and only then, and somebody woken is told what to do. */
class AlertsTest {

    private final Map<String, JsonNode> alerts = alerts();
    private final String runbook = DeployFiles.text(DeployFiles.DEPLOY.resolve("README.md"));

    @Test
    void prometheusTakesTheRules() {
        Tool.Ended ended = Tool.require("promtool").run("check", "rules", "--lint-fatal", DeployFiles.RULES.toString());

        assertThat(ended.output()).contains("SUCCESS: " + alerts.size() + " rules found");
        assertThat(ended.code()).isZero();
    }

    @Test
    void everyAlertFiresWhenItShouldAndNotOtherwise() {
        Tool.Ended ended = Tool.require("promtool").run("test", "rules", DeployFiles.RULE_TESTS.toString());

        assertThat(ended.output()).contains("SUCCESS");
        assertThat(ended.code()).isZero();
    }

    @Test
    void everyAlertIsTestedBothWaysAtATimeWhenItsInputIsThere() {
        Map<String, List<Boolean>> fired = new HashMap<>();
        for (JsonNode test : DeployFiles.yaml(DeployFiles.RULE_TESTS).path("tests")) {
            for (JsonNode check : test.path("alert_rule_test")) {
                assertThat(check.has("exp_alerts")).isTrue();
                fired.computeIfAbsent(check.path("alertname").asText(), name -> new ArrayList<>())
                        .add(!check.path("exp_alerts").isEmpty());
            }
        }

        assertThat(fired.keySet()).isEqualTo(alerts.keySet());
        fired.forEach((alert, ways) -> assertThat(ways).as(alert).contains(true, false));
    }

    @Test
    void everyAlertHasASeverityASummaryAndItsSectionInTheRunbook() {
        Set<String> anchors = runbook.lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase().replace(' ', '-'))
                .collect(Collectors.toSet());

        alerts.forEach((name, alert) -> {
            String link = alert.at("/annotations/runbook_url").asText();
            assertThat(alert.at("/labels/severity").asText()).as(name).isIn("critical", "warning");
            assertThat(alert.at("/annotations/summary").asText()).as(name).endsWith(".");
            assertThat(link).isEqualTo("deploy/README.md#" + name.toLowerCase());
            assertThat(anchors).contains(name.toLowerCase());
        });
    }

    @Test
    void theRunbookHasASectionForNoAlertThatThereIsNot() {
        assertThat(runbook.lines()
                        .filter(line -> line.matches("#+ Holdfast\\w+"))
                        .map(line -> line.replaceFirst("#+ ", "")))
                .containsExactlyInAnyOrderElementsOf(alerts.keySet());
    }

    private static Map<String, JsonNode> alerts() {
        List<JsonNode> all = new ArrayList<>();
        DeployFiles.yaml(DeployFiles.RULES)
                .path("groups")
                .forEach(group -> group.path("rules").forEach(all::add));
        return all.stream().collect(toMap(rule -> rule.path("alert").asText(), rule -> rule));
    }
}
