package dev.holdfast.cli.verify;

import dev.holdfast.conversation.ConversationConfig;
import dev.holdfast.db.DbConfig;
import dev.holdfast.health.HealthConfig;
import dev.holdfast.http.HttpConfig;
import dev.holdfast.identity.IdentityConfig;
import dev.holdfast.inbox.InboxConfig;
import dev.holdfast.llmconfig.LlmConfigSettings;
import dev.holdfast.llmconfig.probe.ProbeConfig;
import dev.holdfast.memory.McpConfig;
import dev.holdfast.sealing.SealingSettings;
import io.smallrye.config.ConfigMappingInterface.Property;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every setting there is: those of the configuration's interfaces, and those to which we give an environment name. */
final class Catalogue {

    /** All interfaces of ours that are mapped; a test looks for others. */
    static final List<Class<?>> MAPPINGS = List.of(
            DbConfig.class,
            HttpConfig.class,
            IdentityConfig.class,
            HealthConfig.class,
            ConversationConfig.class,
            LlmConfigSettings.class,
            McpConfig.class,
            ProbeConfig.class,
            SealingSettings.class,
            InboxConfig.class);

    static final String PROPERTIES = "application.properties";

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::([^}]*))?}");

    private static final Catalogue ALL = read();

    /**
     * One setting.
     *
     * @param variables its environment names; the first is the one to be recommended
     * @param type what its value is converted to; null where that is not for us to say
     * @param optional whether it may be without a value
     * @param byDefault its default as it would be written; null for none
     */
    record Known(
            String setting,
            List<String> variables,
            @Nullable Class<?> type,
            boolean optional,
            @Nullable String byDefault) {}

    private final Map<String, Known> bySetting;
    private final Map<String, Known> byVariable = new LinkedHashMap<>();

    private Catalogue(Map<String, Known> bySetting) {
        this.bySetting = bySetting;
        bySetting.values().forEach(known -> known.variables.forEach(variable -> byVariable.put(variable, known)));
    }

    static Catalogue all() {
        return ALL;
    }

    private static Catalogue read() {
        Map<String, Known> known = new TreeMap<>();
        for (Class<?> mapping : MAPPINGS) {
            ConfigMappings.getProperties(ConfigMappings.ConfigClass.configClass(mapping))
                    .forEach((setting, property) -> known.put(setting, mapped(setting, property)));
        }
        Properties properties = applicationProperties();
        for (String name : properties.stringPropertyNames()) {
            Matcher variable = VARIABLE.matcher(properties.getProperty(name));
            if (variable.matches()) {
                String setting = name.replaceFirst("^%[^.]+\\.", "");
                known.put(setting, named(known.get(setting), setting, variable.group(1), variable.group(2)));
            }
        }
        return new Catalogue(known);
    }

    private static Known mapped(String setting, Property property) {
        boolean optional = property.isOptional();
        Property value = optional ? property.asOptional().getNestedProperty() : property;
        Class<?> type = value.isPrimitive()
                ? value.asPrimitive().getPrimitiveType()
                : value.isLeaf() ? value.asLeaf().getValueRawType() : null;
        return new Known(
                setting,
                List.of(variable(setting)),
                type,
                optional,
                property.hasDefaultValue() ? property.getDefaultValue() : null);
    }

    /** What is not ours but has a name by us, such as a setting of Quarkus, is a yes or no if it is one by default. */
    private static Known named(@Nullable Known ours, String setting, String variable, @Nullable String byDefault) {
        if (ours == null) {
            Class<?> type = "true".equals(byDefault) || "false".equals(byDefault) ? boolean.class : null;
            return new Known(setting, List.of(variable), type, byDefault == null, byDefault);
        }
        Set<String> variables = new LinkedHashSet<>(List.of(variable));
        variables.addAll(ours.variables);
        String effective = byDefault == null || byDefault.isEmpty() ? ours.byDefault : byDefault;
        return new Known(setting, List.copyOf(variables), ours.type, ours.optional, effective);
    }

    static Properties applicationProperties() {
        try (InputStream file = Catalogue.class.getResourceAsStream("/" + PROPERTIES)) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(file, PROPERTIES));
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String variable(String setting) {
        return StringUtil.replaceNonAlphanumericByUnderscores(setting).toUpperCase(Locale.ROOT);
    }

    List<Known> settings() {
        return List.copyOf(bySetting.values());
    }

    Optional<Known> setting(String name) {
        return Optional.ofNullable(bySetting.get(name));
    }

    boolean hasVariable(String name) {
        return byVariable.containsKey(name);
    }

    /** The environment name that was probably meant. */
    Optional<String> nearest(String name) {
        String wanted = name.toUpperCase(Locale.ROOT);
        String best = null;
        int least = wanted.length() / 5 + 1;
        for (String variable : byVariable.keySet()) {
            int distance = distance(wanted, variable);
            if (distance < least || distance == least && best == null) {
                least = distance;
                best = variable;
            }
        }
        return Optional.ofNullable(best);
    }

    /** How many letters must be put in, left out or replaced to make one of the other. */
    private static int distance(String a, String b) {
        List<Integer> row = new ArrayList<>();
        for (int j = 0; j <= b.length(); j++) {
            row.add(j);
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row.get(0);
            row.set(0, i);
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row.get(j);
                row.set(j, Math.min(replaced, Math.min(row.get(j - 1), diagonal) + 1));
            }
        }
        return row.get(b.length());
    }
}
