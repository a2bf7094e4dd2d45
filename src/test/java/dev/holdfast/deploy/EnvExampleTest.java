package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code holdfast.env.example} and the README's table have every setting, and none that there is not. */
class EnvExampleTest {

    private static final Pattern LINE = Pattern.compile("(?:# )?([A-Z][A-Z0-9_]*)=(.*)");

    private final List<String> lines = DeployFiles.text(DeployFiles.DEPLOY.resolve("holdfast.env.example"))
            .lines()
            .toList();

    @Test
    void everySettingHasItsLineUnderItsShortestName() {
        List<String> named = new ArrayList<>();
        for (String line : lines) {
            Matcher variable = LINE.matcher(line);
            if (variable.matches()) {
                named.add(variable.group(1));
            }
        }
        TreeSet<String> expected = new TreeSet<>(Settings.variables().values());
        expected.add("JAVA_OPTS");

        assertThat(named).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aCommentedLineHasTheDefault() {
        Map<String, String> defaults = Settings.defaults();
        for (String line : lines) {
            Matcher variable = LINE.matcher(line);
            if (line.startsWith("# ") && variable.matches()) {
                String byDefault = defaults.getOrDefault(variable.group(1), "");
                assertThat(byDefault.isEmpty() || byDefault.equals(variable.group(2)))
                        .as(line + " where " + byDefault + " is the default")
                        .isTrue();
            }
        }
    }

    @Test
    void everyLineHasItsReasonAboveIt() {
        String before = "";
        for (String line : lines) {
            boolean variable = LINE.matcher(line).matches();
            if (variable && !LINE.matcher(before).matches()) {
                assertThat(before).as("above " + line).startsWith("# ").doesNotStartWith("# ---");
            }
            before = line;
        }
    }

    @Test
    void theReadmesTableHasEverySettingAndItsShortName() {
        List<String> rows = DeployFiles.text(Path.of("README.md"))
                .lines()
                .dropWhile(line -> !line.equals("## Configuration"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(cells(rows, 1))
                .containsExactlyInAnyOrderElementsOf(Settings.variables().keySet());
        assertThat(cells(rows, 2))
                .containsExactlyInAnyOrderElementsOf(Settings.variables().entrySet().stream()
                        .filter(setting -> !setting.getValue().equals(Settings.inCapitals(setting.getKey()))
                                || cells(rows, 2).contains(setting.getValue()))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    /** The names in one column. */
    private static List<String> cells(List<String> rows, int column) {
        return rows.stream()
                .flatMap(row -> Pattern.compile("`([^`]+)`")
                        .matcher(row.split("\\|")[column])
                        .results())
                .map(name -> name.group(1))
                .toList();
    }
}
