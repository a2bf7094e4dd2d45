package dev.holdfast.deploy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappingInterface.Property;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service's settings, and the environment names that a deployment gives them by. */
final class Settings {

    private static final Path PROPERTIES = Path.of("src", "main", "resources", "application.properties");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::([^}]*))?}");

    /** Read when it is asked for: looking for classes is not for a test that runs inside Quarkus. */
    private static final class Variables {

        static final Map<String, String> BY_SETTING = read();
    }

    private Settings() {}

    /** The environment name of each setting: its short one where it has one, else the setting's in capitals. */
    static Map<String, String> variables() {
        return Variables.BY_SETTING;
    }

    /** The value of each setting where nobody gives it one, by its environment name; empty for none. */
    static Map<String, String> defaults() {
        Map<String, String> defaults = new TreeMap<>();
        mappings()
                .forEach((setting, property) -> defaults.put(
                        variables().get(setting), property.hasDefaultValue() ? property.getDefaultValue() : ""));
        properties().forEach((name, value) -> {
            Matcher variable = VARIABLE.matcher(value);
            if (variable.matches() && variable.group(2) != null) {
                defaults.put(variable.group(1), variable.group(2));
            }
        });
        return defaults;
    }

    /** Every environment name that means something, to the service or to the image. */
    static Set<String> known() {
        Set<String> known = new TreeSet<>(variables().values());
        variables().keySet().forEach(setting -> known.add(inCapitals(setting)));
        known.add("JAVA_OPTS");
        return known;
    }

    /** What the packaged service is configured with where a deployment says nothing. */
    static SmallRyeConfig ofProduction() {
        return new SmallRyeConfigBuilder()
                .withProfile("prod")
                .addDefaultInterceptors()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withSources(new PropertiesConfigSource(properties(), "application.properties", 100))
                .build();
    }

    private static Map<String, Property> mappings() {
        Map<String, Property> mapped = new TreeMap<>();
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.holdfast").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .map(type -> ConfigMappings.ConfigClass.configClass(type.reflect()))
                        .forEach(mapping -> mapped.putAll(ConfigMappings.getProperties(mapping)));
        return mapped;
    }

    private static Map<String, String> read() {
        Map<String, String> variables = new TreeMap<>();
        mappings().keySet().forEach(setting -> variables.put(setting, inCapitals(setting)));
        properties().forEach((name, value) -> {
            Matcher variable = VARIABLE.matcher(value);
            if (variable.matches()) {
                variables.put(name.replaceFirst("^%[^.]+\\.", ""), variable.group(1));
            }
        });
        return variables;
    }

    private static Map<String, String> properties() {
        try {
            return new TreeMap<>(new PropertiesConfigSource(PROPERTIES.toUri().toURL()).getProperties());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name that a setting has where it is given no shorter one. */
    static String inCapitals(String setting) {
        return StringUtil.replaceNonAlphanumericByUnderscores(setting).toUpperCase(Locale.ROOT);
    }
}
