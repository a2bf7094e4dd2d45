package dev.holdfast.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and configs for one run. What it makes it takes away again, but for its project and the conversations in it, which
 * are there for anybody to look at.
 */
final class Access implements AutoCloseable {

    private static final String PROJECT = "load";
    private static final String CONFIGS = "/admin/llm-configs";

    private final Client admin;
    private final String apiKey;
    private final List<String> made = new ArrayList<>();
    private final List<String> configs = new ArrayList<>();
    private Optional<String> formerDefault = Optional.empty();

    private Access(Client admin, Optional<String> apiKey) {
        this.admin = admin;
        this.apiKey = apiKey.orElseGet(this::newKey);
    }

    static Access of(Subject subject, Options options) {
        Access access = new Access(new Client(subject.url(), subject.adminKey()), options.apiKey());
        if (options.scenario() == Scenario.BUSINESS) {
            access.makeConfigs();
        }
        return access;
    }

    private String newKey() {
        boolean there = admin.send("POST", "/admin/projects", "{\"id\":\"" + PROJECT + "\",\"name\":\"Load tests\"}")
                        .statusCode()
                == 409;
        JsonNode key = admin.post("/admin/projects/" + PROJECT + "/keys", "{\"name\":\"one run\"}");
        if (there) {
            System.out.println(
                    "The project " + PROJECT + " is there already; the run's conversations are added to it.");
        }
        made.add("/admin/projects/" + PROJECT + "/keys/" + key.path("id").asText());
        return key.path("key").asText();
    }

    /** Takes over what a run that was killed has left. */
    private void makeConfigs() {
        Map<String, String> there = new HashMap<>();
        for (JsonNode config : admin.get(CONFIGS + "?limit=100").path("data")) {
            String id = config.path("id").asText();
            there.put(config.path("name").asText(), id);
            if (config.path("is_default").asBoolean()) {
                formerDefault = Optional.of(id);
            }
        }
        for (String name : Plan.CONFIG_NAMES) {
            String id = Optional.ofNullable(there.get(name)).orElseGet(() -> newConfig(name));
            configs.add(id);
            made.add(CONFIGS + "/" + id);
        }
        formerDefault = formerDefault.filter(id -> !configs.contains(id));
    }

    private String newConfig(String name) {
        String config = "{\"name\":\"" + name + "\",\"provider\":\"ollama\",\"model\":\"llama3.1\"}";
        return admin.post(CONFIGS, config).path("id").asText();
    }

    Client admin() {
        return admin;
    }

    String apiKey() {
        return apiKey;
    }

    List<String> configs() {
        return configs;
    }

    @Override
    public void close() {
        formerDefault.ifPresent(id -> admin.post(CONFIGS + "/" + id + "/default", ""));
        made.forEach(admin::delete);
    }
}
