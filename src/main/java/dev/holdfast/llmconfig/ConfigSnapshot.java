package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All configs as they were at one moment. Immutable; the next one replaces it. */
public final class ConfigSnapshot {

    private static final Comparator<LlmConfig> AS_LISTED = Comparator.comparing((LlmConfig c) -> !c.byDefault())
            .thenComparing(LlmConfig::priority, Comparator.reverseOrder())
            .thenComparing(LlmConfig::name);

    private final NavigableMap<String, LlmConfig> byId;
    private volatile @Nullable Models models;

    /** @param byId in the order of ids; it is copied */
    ConfigSnapshot(NavigableMap<String, LlmConfig> byId) {
        this.byId = new TreeMap<>(byId);
    }

    /**
     * A model as OpenAI's API shows it.
     *
     * @param id the config's name
     * @param created in seconds since 1970
     * @param ownedBy the provider
     */
    @JsonPropertyOrder({"id", "object", "created", "owned_by"})
    @RegisterForReflection
    record Model(
            String id,
            long created,
            @JsonProperty("owned_by") String ownedBy) {

        static Model of(LlmConfig config) {
            return new Model(config.name(), config.createdAt(), config.provider());
        }

        @JsonProperty("object")
        String object() {
            return "model";
        }
    }

    private record Models(List<Model> listed, Map<String, Model> byName) {}

    public @Nullable LlmConfig get(String id) {
        return byId.get(id);
    }

    /** All of them, in the order of ids. */
    public Collection<LlmConfig> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** One page in the order of ids, of the configs that {@code filter} lets pass. */
    Page<LlmConfig> page(PageRequest page, Predicate<LlmConfig> filter) {
        boolean up = page.order() == PageRequest.Order.ASC;
        NavigableMap<String, LlmConfig> rest = up ? byId : byId.descendingMap();
        if (page.after() != null) {
            rest = rest.tailMap(page.after(), false);
        }
        List<LlmConfig> rows =
                rest.values().stream().filter(filter).limit(page.limit() + 1L).toList();
        return Page.of(rows, page, LlmConfig::id);
    }

    /** One for each active config: the default first, then by priority. */
    List<Model> models() {
        return active().listed;
    }

    /** Null if no active config has this name. */
    @Nullable
    Model model(String name) {
        return active().byName.get(name);
    }

    // Made when first asked for: of many snapshots in a row, as when configs are imported, most are never asked.
    private Models active() {
        Models known = models;
        if (known == null) {
            List<Model> listed = byId.values().stream()
                    .filter(LlmConfig::active)
                    .sorted(AS_LISTED)
                    .map(Model::of)
                    .toList();
            known = new Models(listed, listed.stream().collect(Collectors.toUnmodifiableMap(Model::id, m -> m)));
            models = known;
        }
        return known;
    }
}
