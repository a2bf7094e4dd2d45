package dev.holdfast.admin.page;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.llmconfig.ConfigBody;
import dev.holdfast.llmconfig.ConfigChange;
import dev.holdfast.llmconfig.KeyState;
import dev.holdfast.llmconfig.LlmConfig;
import dev.holdfast.llmconfig.Provider;
import dev.holdfast.problem.Problem;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A config as a form has it: every field is text, and what is wrong is said beside it. What is right is not decided here: it
 * becomes JSON, field by field, that the API's own reader takes or refuses.
 */
final class ConfigForm {

    private static final String NUMBER = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?";
    private static final List<String> TEXTS = List.of("name", "provider", "model");

    private final Provider provider;
    private final Map<String, String> values;
    private final Map<String, String> errors = new LinkedHashMap<>();

    private ConfigForm(Provider provider, Map<String, String> values) {
        this.provider = provider;
        this.values = values;
    }

    /** For a new config. */
    static ConfigForm empty() {
        return new ConfigForm(Provider.OPENAI, new LinkedHashMap<>(Map.of("is_active", "on", "priority", "0")));
    }

    /** What somebody has filled in. */
    static ConfigForm of(Form form) {
        Map<String, String> values = new LinkedHashMap<>();
        form.fields().keySet().forEach(name -> values.put(name, form.text(name)));
        return new ConfigForm(Provider.of(form.text("provider")).orElse(Provider.CUSTOM), values);
    }

    static ConfigForm of(LlmConfig config) {
        Provider provider = Provider.of(config.provider()).orElse(Provider.CUSTOM);
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", config.name());
        values.put("provider", config.provider());
        values.put("model", config.model());
        values.put("base_url", text(config.baseUrl()));
        values.put("is_active", config.active() ? "on" : "");
        values.put("priority", Integer.toString(config.priority()));
        values.put("limits.rpm", text(config.limits().rpm()));
        values.put("limits.tpm", text(config.limits().tpm()));
        values.put("cost.input_per_mtok", text(config.cost().inputPerMtok()));
        values.put("cost.output_per_mtok", text(config.cost().outputPerMtok()));
        ObjectNode params = Json.object(config.params());
        for (ProviderFields.Param param : ProviderFields.of(provider)) {
            if (params.path(param.name()).isNumber()) {
                values.put(param.field(), params.remove(param.name()).asText());
            }
        }
        values.put("params", Json.pretty(params));
        values.put("metadata", Json.pretty(Json.object(config.metadata())));
        return new ConfigForm(provider, values);
    }

    private static String text(@Nullable Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : Objects.toString(value, "");
    }

    public Provider provider() {
        return provider;
    }

    public List<ProviderFields.Param> params() {
        return ProviderFields.of(provider);
    }

    /** Where the provider is unless the form says otherwise; empty where it has to. */
    public String defaultBaseUrl() {
        return Objects.toString(provider.defaultBaseUrl(), "");
    }

    public String baseUrlHint() {
        return provider.defaultBaseUrl() == null
                ? "Needed for " + provider.text() + "."
                : "Only where it is not the provider's own.";
    }

    /** Whether there is a key that could be removed. */
    public boolean removable(LlmConfig stored) {
        return stored.keyState() != KeyState.NONE;
    }

    public String modelExample() {
        return ProviderFields.modelExample(provider);
    }

    public String value(String field) {
        return values.getOrDefault(field, "");
    }

    public boolean checked(String field) {
        return !value(field).isEmpty();
    }

    /** Empty where nothing is wrong. */
    public String error(String field) {
        return errors.getOrDefault(field, "");
    }

    public boolean wrong(String field) {
        return errors.containsKey(field);
    }

    /** What is wrong with none of the fields that the form has. */
    public String otherError() {
        return errors.getOrDefault("", "");
    }

    public int wrongFields() {
        return errors.size();
    }

    /** Says what is wrong beside the field that is at fault, or above all where the form has no such field. */
    void refuse(@Nullable String param, String message) {
        errors.putIfAbsent(param == null ? "" : field(param), message);
    }

    private String field(String param) {
        if (values.containsKey(param) || TEXTS.contains(param) || param.equals("api_key") || param.equals("base_url")) {
            return param;
        }
        int dot = param.indexOf('.');
        String parent = dot < 0 ? param : param.substring(0, dot);
        return parent.equals("params") || parent.equals("metadata") ? parent : param.equals("is_active") ? param : "";
    }

    /**
     * What the API would be sent; null if something is wrong, which the form then says.
     *
     * @param base the config that is edited: what says the same in other words stays as it is; null for a new one
     */
    @Nullable
    ConfigChange change(@Nullable LlmConfig base) {
        Map<String, String> fields = json(base);
        StringBuilder all = new StringBuilder("{");
        fields.forEach((name, json) -> {
            String member = Json.quoted(name) + ":" + json;
            all.append(all.length() == 1 ? "" : ",").append(member);
            check(name, "{" + member + "}");
        });
        return errors.isEmpty() ? read(all.append('}').toString()) : null;
    }

    private void check(String name, String json) {
        try {
            read(json);
        } catch (Problem wrong) {
            refuse(wrong.param() == null ? name : wrong.param(), String.valueOf(wrong.getMessage()));
        }
    }

    private static ConfigChange read(String json) {
        return ConfigBody.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, String> json(@Nullable LlmConfig base) {
        Map<String, String> json = new LinkedHashMap<>();
        TEXTS.forEach(name -> json.put(name, Json.quoted(value(name))));
        json.put("base_url", value("base_url").isEmpty() ? "null" : Json.quoted(value("base_url")));
        if (checked("remove_key")) {
            json.put("api_key", "null");
        } else if (!value("api_key").isEmpty()) {
            json.put("api_key", Json.quoted(value("api_key")));
        }
        json.put("is_active", Boolean.toString(checked("is_active")));
        json.put("priority", value("priority").isEmpty() ? "0" : number("priority"));
        json.put("limits", parts("limits", "rpm", "tpm"));
        json.put("cost", parts("cost", "input_per_mtok", "output_per_mtok"));
        json.put("params", unchanged(params(value("params")), base == null ? null : base.params()));
        json.put("metadata", unchanged(value("metadata"), base == null ? null : base.metadata()));
        return json;
    }

    private String parts(String field, String first, String second) {
        return "{" + Json.quoted(first) + ":" + number(field + "." + first) + "," + Json.quoted(second) + ":"
                + number(field + "." + second) + "}";
    }

    /** What is no number is sent as the text that it is, and refused as the API would. */
    private String number(String field) {
        String text = value(field);
        return text.isEmpty() ? "null" : text.matches(NUMBER) ? text : Json.quoted(text);
    }

    /** The usual parameters, put in front of the others. */
    private String params(String others) {
        StringBuilder usual = new StringBuilder();
        for (ProviderFields.Param param : params()) {
            if (!value(param.field()).isEmpty()) {
                usual.append(usual.isEmpty() ? "" : ",")
                        .append(Json.quoted(param.name()))
                        .append(':')
                        .append(number(param.field()));
            }
        }
        if (usual.isEmpty() || !others.isEmpty() && !others.startsWith("{")) {
            return others;
        }
        String rest = others.isEmpty() ? "}" : others.substring(1).strip();
        return "{" + usual + (rest.startsWith("}") ? "" : ",") + rest;
    }

    private static String unchanged(String json, @Nullable String before) {
        if (json.isEmpty()) {
            return before != null && Json.same("{}", before) ? before : "{}";
        }
        return before != null && Json.same(json, before) ? before : json;
    }

    /** A field of which two versions differ. */
    record Difference(String field, String mine, String theirs) {}

    /** Where this form says something else than what is stored by now. */
    public List<Difference> differences(LlmConfig stored) {
        ConfigForm theirs = of(stored);
        Map<String, String> fields = new LinkedHashMap<>(theirs.values);
        values.forEach(fields::putIfAbsent);
        return fields.keySet().stream()
                .filter(name -> !name.equals("version") && !name.equals("api_key") && !name.equals("remove_key"))
                .filter(name -> !value(name).equals(theirs.value(name)))
                .filter(name -> !Json.same(value(name), theirs.value(name)))
                .map(name -> new Difference(name, value(name), theirs.value(name)))
                .toList();
    }
}
