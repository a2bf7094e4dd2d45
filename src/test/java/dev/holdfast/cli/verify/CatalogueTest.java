package dev.holdfast.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigMapping;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogueTest {

    private final Catalogue catalogue = Catalogue.all();

    /** A row of the README's table; what stands for several settings is taken apart. */
    private record Row(String setting, String variable, String byDefault) {}

    @Test
    void everyInterfaceThatIsMappedIsInIt() throws IOException {
        Path classes = Path.of("target", "classes");
        try (Stream<Path> files = Files.walk(classes.resolve("dev/holdfast"))) {
            List<Class<?>> mapped = new ArrayList<>();
            files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> load(classes.relativize(file).toString()))
                    .filter(type -> type.isAnnotationPresent(ConfigMapping.class))
                    .forEach(mapped::add);
            assertThat(mapped).containsExactlyInAnyOrderElementsOf(Catalogue.MAPPINGS);
        }
    }

    @Test
    void nothingIsReadPastIt() throws IOException {
        List<String> read = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                read.addAll(names(Files.readString(file), "@ConfigProperty\\(\\s*name\\s*=\\s*\"(holdfast\\.[^\"]+)"));
            }
        }
        assertThat(read).isNotEmpty().allMatch(name -> catalogue.setting(name).isPresent());
    }

    private static Class<?> load(String file) {
        try {
            return Class.forName(
                    file.replace(File.separatorChar, '.').replaceFirst("\\.class$", ""),
                    false,
                    CatalogueTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theReadmeNamesEverySettingAndNoOther() throws IOException {
        assertThat(readme())
                .extracting(Row::setting)
                .containsExactlyInAnyOrderElementsOf(catalogue.settings().stream()
                        .map(Catalogue.Known::setting)
                        .toList());
    }

    @Test
    void theReadmeHasTheirEnvironmentNamesAndDefaults() throws IOException {
        assertThat(readme()).allSatisfy(row -> {
            Catalogue.Known known = catalogue.setting(row.setting).orElseThrow();
            if (row.variable.isEmpty()) {
                assertThat(known.variables()).hasSize(1);
            } else {
                assertThat(known.variables()).first().isEqualTo(row.variable);
            }
            if (known.byDefault() != null && !known.byDefault().isEmpty()) {
                assertThat(row.byDefault).isEqualTo(known.byDefault());
            }
        });
    }

    @Test
    void aSettingHasItsShortNameItsOwnAndItsType() {
        assertThat(catalogue.setting("holdfast.db.max-size"))
                .contains(new Catalogue.Known(
                        "holdfast.db.max-size",
                        List.of("DB_CONNECTION_LIMIT", "HOLDFAST_DB_MAX_SIZE"),
                        int.class,
                        false,
                        "50"));
        assertThat(catalogue.setting("holdfast.db.url").orElseThrow().optional())
                .isTrue();
        assertThat(catalogue.setting("quarkus.log.console.json.enabled").orElseThrow())
                .satisfies(json -> {
                    assertThat(json.variables()).containsExactly("HOLDFAST_LOG_JSON");
                    assertThat(json.type()).isEqualTo(boolean.class);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "DB_CONECTION_LIMIT, DB_CONNECTION_LIMIT",
        "DB_CONNECTION_LIMITS, DB_CONNECTION_LIMIT",
        "db_replicas, DB_REPLICAS",
        "HOLDFAST_ADMINKEY, HOLDFAST_ADMIN_KEY",
        "DB_SSL_MODE, DB_SSLMODE",
        "DB_FOO,",
        "HOLDFAST_SOMETHING_ELSE_ENTIRELY,",
    })
    void theNearestNameIsTheOneThatWasProbablyMeant(String written, String meant) {
        assertThat(catalogue.nearest(written).orElse(null)).isEqualTo(meant);
    }

    private static List<Row> readme() throws IOException {
        String table = Files.readString(Path.of("README.md"))
                .replaceFirst("(?s).*\n\\| setting \\| environment \\| default \\| meaning \\|\n", "")
                .replaceFirst("(?s)\n\n.*", "");
        List<Row> rows = new ArrayList<>();
        for (String line : table.split("\n")) {
            String[] cells = line.split("\\|");
            List<String> settings = names(cells[1], "`([a-z][a-z.-]+)`");
            List<String> variables = names(cells[2], "`([A-Z_]+)`");
            String[] defaults = cells[3].strip().split(", ");
            for (int i = 0; i < settings.size(); i++) {
                rows.add(new Row(
                        settings.get(i),
                        i < variables.size() ? variables.get(i) : "",
                        defaults[Math.min(i, defaults.length - 1)]));
            }
        }
        return rows;
    }

    private static List<String> names(String cell, String pattern) {
        return Pattern.compile(pattern)
                .matcher(cell)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
