package dev.holdfast.deploy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files under {@code deploy/}, read strictly: a key that stands twice fails. */
final class DeployFiles {

    static final Path DEPLOY = Path.of("deploy");
    static final Path RULES = DEPLOY.resolve("prometheus/holdfast.rules.yml");
    static final Path RULE_TESTS = DEPLOY.resolve("prometheus/holdfast.rules.test.yml");
    static final Path DASHBOARD = DEPLOY.resolve("grafana/holdfast.json");
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private DeployFiles() {}

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file's only document. */
    static JsonNode yaml(Path file) {
        List<JsonNode> documents = documents(text(file));
        if (documents.size() != 1) {
            throw new IllegalStateException(file + " has " + documents.size() + " documents");
        }
        return documents.get(0);
    }

    // Not by Jackson's parser, which takes an alias for its anchor's name.
    static List<JsonNode> documents(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(options)).loadAll(yaml).forEach(d -> documents.add(JSON.valueToTree(d)));
        return documents;
    }

    /** A file of lines {@code NAME=value}, comments aside. */
    static Map<String, String> environment(Path file) {
        Map<String, String> environment = new LinkedHashMap<>();
        text(file).lines().filter(line -> line.matches("[A-Z].*")).forEach(line -> {
            String[] pair = line.split("=", 2);
            if (pair.length < 2 || environment.put(pair[0], pair[1]) != null) {
                throw new IllegalStateException(file + ": without a value, or twice: " + line);
            }
        });
        return environment;
    }

    static List<Path> under(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
