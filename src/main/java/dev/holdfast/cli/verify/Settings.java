package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** A configuration as it was given, every value a text until it is known to be good. */
final class Settings {

    private static final Set<String> YES = Set.of("true", "yes", "on", "y", "1");
    private static final Set<String> NO = Set.of("false", "no", "off", "n", "0");

    /** What keeps a value from being used. */
    enum Trouble {
        NONE,
        /** Part of it is taken for a reference to another value. */
        REFERENCE,
        EMPTY,
        /** It is not of its setting's type. */
        TYPE
    }

    /** @param text null for none, or none that can be used */
    private record Value(@Nullable String text, Trouble trouble) {}

    private final Map<String, String> environment;
    private final Set<String> properties;
    private final boolean elsewhere;
    private final Catalogue catalogue = Catalogue.all();
    private final Map<String, Value> values = new LinkedHashMap<>();

    private Settings(
            SmallRyeConfig config, Map<String, String> environment, Set<String> properties, boolean elsewhere) {
        this.environment = Map.copyOf(environment);
        this.properties = properties;
        this.elsewhere = elsewhere;
        catalogue.settings().forEach(known -> values.put(known.setting(), value(config, known)));
    }

    /** Those of this process, as the service would have them. */
    static Settings ofProcess() {
        Set<String> properties = new TreeSet<>(System.getProperties().stringPropertyNames());
        properties.removeIf(name -> !name.startsWith("holdfast."));
        return new Settings(
                ConfigProvider.getConfig().unwrap(SmallRyeConfig.class), System.getenv(), properties, false);
    }

    /** Those of a service that has this environment and no other, on another machine. */
    static Settings ofEnvironment(Map<String, String> environment) {
        Map<String, String> ours = new HashMap<>();
        Catalogue.applicationProperties().forEach((name, value) -> ours.put((String) name, (String) value));
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withProfile("prod")
                .withSources(
                        new EnvConfigSource(environment, 300),
                        new PropertiesConfigSource(ours, Catalogue.PROPERTIES, 250))
                .build();
        return new Settings(config, environment, Set.of(), true);
    }

    private Value value(SmallRyeConfig config, Known known) {
        String text;
        try {
            text = config.getConfigValue(known.setting()).getValue();
        } catch (NoSuchElementException | IllegalArgumentException e) {
            return new Value(null, Trouble.REFERENCE);
        }
        if (text == null) {
            text = known.byDefault();
        }
        String given = given(known);
        if (given != null && !given.equals(text)) {
            return new Value(null, Trouble.REFERENCE);
        }
        if (text == null || text.isBlank()) {
            return new Value(null, known.optional() || text == null ? Trouble.NONE : Trouble.EMPTY);
        }
        return converts(config, text.strip(), known.type())
                ? new Value(text, Trouble.NONE)
                : new Value(null, Trouble.TYPE);
    }

    private @Nullable String given(Known known) {
        return properties.contains(known.setting()) ? null : environment.get(key(known));
    }

    private static boolean converts(SmallRyeConfig config, String text, @Nullable Class<?> type) {
        if (type == null || type == String.class) {
            return true;
        }
        if (type == boolean.class || type == Boolean.class) {
            // The converter itself takes whatever is no yes for a no.
            return YES.contains(text.toLowerCase(Locale.ROOT)) || NO.contains(text.toLowerCase(Locale.ROOT));
        }
        try {
            return config.getConverter(type)
                    .map(converter -> converter.convert(text))
                    .isPresent();
        } catch (RuntimeException e) {
            return false;
        }
    }

    Map<String, String> environment() {
        return environment;
    }

    /** The names of system properties that are ours, or look like it. */
    Set<String> properties() {
        return properties;
    }

    /** Whether the files that are named in it are on another machine. */
    boolean elsewhere() {
        return elsewhere;
    }

    Catalogue catalogue() {
        return catalogue;
    }

    /** The value that the service would have. */
    Optional<String> text(String setting) {
        return Optional.ofNullable(values.get(setting)).map(Value::text);
    }

    /** Whether the service would read the value as a yes. */
    boolean isTrue(String setting) {
        return YES.contains(text(setting).orElse("").strip().toLowerCase(Locale.ROOT));
    }

    Trouble trouble(String setting) {
        return Optional.ofNullable(values.get(setting)).map(Value::trouble).orElse(Trouble.NONE);
    }

    /** Whether somebody has given it a value. */
    boolean isGiven(String setting) {
        return properties.contains(setting)
                || catalogue.setting(setting).stream()
                        .anyMatch(known -> known.variables().stream().anyMatch(environment::containsKey));
    }

    /** The name under which the setting was given, or else is best given. */
    String key(String setting) {
        return properties.contains(setting)
                ? setting
                : catalogue.setting(setting).map(this::key).orElse(setting);
    }

    private String key(Known known) {
        List<String> variables = known.variables();
        // The last one is the setting's own, which wins.
        for (int i = variables.size() - 1; i >= 0; i--) {
            if (environment.containsKey(variables.get(i))) {
                return variables.get(i);
            }
        }
        return variables.get(0);
    }

    /** The interface's settings, those in trouble at their defaults. */
    <T> T mapping(Class<T> mapping) {
        Map<String, String> good = new HashMap<>();
        values.forEach((setting, value) -> {
            if (value.text() != null) {
                good.put(setting, value.text());
            }
        });
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(mapping)
                .withValidateUnknown(false)
                .withSources(new PropertiesConfigSource(good, "verified", 100))
                .build()
                .getConfigMapping(mapping);
    }
}
