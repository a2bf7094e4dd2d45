package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grafana's dashboard: it can be read, and every expression in it is one of Prometheus'. */
class DashboardTest {

    private final JsonNode dashboard = read();

    @Test
    void itShowsThePoolTheWaitTheErrorsTheReconnectsAndTheProjects() {
        assertThat(panels())
                .extracting(panel -> panel.path("title").asText())
                .contains("Connections", "Wait for a connection", "Errors by code", "Dropped and replaced", "Projects")
                .doesNotHaveDuplicates();
        assertThat(panels())
                .filteredOn(panel -> panel.path("type").asText().equals("heatmap"))
                .singleElement()
                .satisfies(panel ->
                        assertThat(panel.at("/targets/0/format").asText()).isEqualTo("heatmap"));
        assertThat(panels()).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
    }

    @Test
    void noPanelLiesOnAnother() {
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : panels()) {
            JsonNode at = panel.path("gridPos");
            for (int x = at.path("x").asInt();
                    x < at.path("x").asInt() + at.path("w").asInt();
                    x++) {
                for (int y = at.path("y").asInt();
                        y < at.path("y").asInt() + at.path("h").asInt();
                        y++) {
                    assertThat(x).isLessThan(24);
                    assertThat(taken.add(List.of(x, y)))
                            .as(panel.path("title").asText())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void everyVariableIsDefined() {
        Set<String> defined = new HashSet<>(Set.of("__rate_interval", "__all"));
        dashboard
                .at("/templating/list")
                .forEach(variable -> defined.add(variable.path("name").asText()));

        assertThat(found("\\$\\{?(\\w+)", dashboard.toString())).isSubsetOf(defined);
    }

    @Test
    void prometheusTakesEveryExpression(@TempDir Path directory) throws IOException {
        Tool promtool = Tool.require("promtool");
        List<String> expressions = expressions(dashboard);
        StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        for (int i = 0; i < expressions.size(); i++) {
            String expression =
                    expressions.get(i).replace("$__rate_interval", "5m").replaceAll("\\$(job|namespace|instance)", "x");
            rules.append("      - record: panel:")
                    .append(i)
                    .append("\n        expr: '")
                    .append(expression)
                    .append("'\n");
        }
        Path file = Files.writeString(directory.resolve("rules.yml"), rules.toString());

        assertThat(promtool.run("check", "rules", file.toString()).output())
                .contains("SUCCESS: " + expressions.size() + " rules found");
    }

    static JsonNode read() {
        try {
            return DeployFiles.JSON.readTree(DeployFiles.text(DeployFiles.DASHBOARD));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> expressions(JsonNode dashboard) {
        return dashboard.findValuesAsText("expr");
    }

    static Set<String> found(String pattern, String text) {
        Set<String> found = new HashSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private List<JsonNode> panels() {
        List<JsonNode> panels = new ArrayList<>();
        dashboard.path("panels").forEach(panels::add);
        return panels;
    }
}
