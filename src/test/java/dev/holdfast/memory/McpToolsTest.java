package dev.holdfast.memory;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.LogCapture;
import dev.holdfast.testkit.Parallel;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every tool, as an agent with the official client calls it. */
@QuarkusTest
class McpToolsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private NewProject project;
    private Agent agent;

    @BeforeEach
    void connect() {
        project = NewProject.create();
        agent = agent(project.key());
    }

    @AfterEach
    void disconnect() {
        agent.close();
    }

    /** A new key counts everywhere at once, but not before its answer has come. */
    private static Agent agent(String key) {
        return await().atMost(SOON).ignoreExceptions().until(() -> new Agent(RestAssured.port, key), made -> true);
    }

    private JsonObject lock(String topic, String content) {
        return agent.ok("lock_context", Map.of("topic", topic, "content", content));
    }

    private static List<String> topics(JsonObject found) {
        return values(found.getJsonArray("contexts"), "topic");
    }

    private static List<String> values(JsonArray objects, String field) {
        return objects.stream()
                .map(object -> ((JsonObject) object).getString(field))
                .toList();
    }

    @Test
    void allToolsAreThereWithSchemasAndHints() {
        List<Tool> tools = agent.client.listTools().tools();

        assertThat(tools.stream().map(Tool::name))
                .containsExactlyInAnyOrder(
                        "wake_up",
                        "sleep",
                        "get_last_handover",
                        "lock_context",
                        "recall_context",
                        "unlock_context",
                        "list_contexts",
                        "search_contexts",
                        "check_contexts",
                        "explore_context_tree",
                        "store_files",
                        "query_files");
        assertThat(tools).allSatisfy(tool -> {
            assertThat(tool.description()).isNotBlank();
            assertThat(tool.inputSchema().properties()).isNotEmpty();
            assertThat(tool.inputSchema().additionalProperties()).isFalse();
            assertThat(tool.outputSchema()).containsKey("properties");
            assertThat(tool.annotations().openWorldHint()).isFalse();
        });
        assertThat(tools.stream()
                        .filter(tool -> tool.annotations().destructiveHint())
                        .map(Tool::name))
                .containsExactly("unlock_context");
        assertThat(agent.client.getServerInstructions()).contains("wake_up");
    }

    @Test
    void aFirstWakeUpFindsNothingAndOpensASession() {
        JsonObject awake = agent.ok("wake_up", Map.of());

        assertThat(awake.getString("project")).isEqualTo(project.id());
        assertThat(awake.getJsonObject("session").getBoolean("resumed")).isFalse();
        assertThat(awake.getJsonObject("session").getLong("last_seen_at")).isNull();
        assertThat(awake.getJsonObject("counts").getLong("contexts")).isZero();
        assertThat(awake.getJsonObject("last_handover")).isNull();
        assertThat(awake.getJsonArray("changes")).isEmpty();
    }

    @Test
    void aSecondWakeUpGoesOnWithTheSameSessionAndTellsWhatHasChanged() {
        String session = agent.ok("wake_up", Map.of()).getJsonObject("session").getString("id");
        lock("rules/deploy", "NEVER deploy on a Friday.");
        lock("notes/lunch", "The canteen has soup.");
        agent.ok("unlock_context", Map.of("topic", "notes/lunch", "version", "1.0"));

        JsonObject awake = agent.ok("wake_up", Map.of("project", project.id()));

        assertThat(awake.getJsonObject("session").getString("id")).isEqualTo(session);
        assertThat(awake.getJsonObject("session").getBoolean("resumed")).isTrue();
        assertThat(awake.getJsonObject("counts").getLong("contexts")).isEqualTo(1);
        assertThat(awake.getJsonObject("counts").getLong("always_check")).isEqualTo(1);
        assertThat(values(awake.getJsonArray("must_check"), "topic")).containsExactly("rules/deploy");
        assertThat(values(awake.getJsonArray("changes"), "change")).containsExactly("archived", "locked", "locked");
        assertThat(awake.getBoolean("truncated")).isFalse();
    }

    @Test
    void whatOneAgentHandsOverTheNextOneFinds() {
        String session = agent.ok("wake_up", Map.of("agent", "writer"))
                .getJsonObject("session")
                .getString("id");
        JsonObject slept =
                agent.ok("sleep", Map.of("agent", "writer", "summary", "Wrote the parser; tests are missing."));
        assertThat(slept.getString("session_id")).isEqualTo(session);

        try (Agent next = agent(project.otherKey())) {
            JsonObject handover = next.ok("wake_up", Map.of("agent", "tester")).getJsonObject("last_handover");
            assertThat(handover.getString("agent")).isEqualTo("writer");
            assertThat(handover.getString("summary")).isEqualTo("Wrote the parser; tests are missing.");
            assertThat(next.ok("get_last_handover", Map.of())
                            .getJsonObject("handover")
                            .getString("session_id"))
                    .isEqualTo(session);
            assertThat(next.ok("get_last_handover", Map.of("agent", "tester")).getJsonObject("handover"))
                    .isNull();
        }
        JsonObject again = agent.ok("wake_up", Map.of("agent", "writer")).getJsonObject("session");
        assertThat(again.getString("id")).isNotEqualTo(session);
        assertThat(again.getBoolean("resumed")).isFalse();
        assertThat(again.getLong("last_seen_at")).isNotNull();
    }

    @Test
    void sleepWithoutWakingUpKeepsTheHandoverAllTheSame() {
        agent.ok("sleep", Map.of("summary", "first"));
        agent.ok("sleep", Map.of("summary", "second"));

        assertThat(agent.ok("get_last_handover", Map.of())
                        .getJsonObject("handover")
                        .getString("summary"))
                .isEqualTo("second");
    }

    @Test
    void aKeyWakesUpInItsOwnProjectOnly() {
        JsonObject error = agent.refused("wake_up", Map.of("project", "default"));

        assertThat(error.getString("code")).isEqualTo("insufficient_permissions");
        assertThat(error.getBoolean("retryable")).isFalse();
    }

    @Test
    void wakeUpIsAtMostFiveKilobytesWhateverThereIs() {
        String hostile = "MUST \"\\\u0001\t😀 ".repeat(400);
        for (int i = 0; i < 30; i++) {
            lock("\"\\\\😀".repeat(40) + "/" + i, hostile + i);
        }
        agent.ok("wake_up", Map.of("agent", "😀\"\\".repeat(16)));
        for (int i = 0; i < 30; i++) {
            lock("\"\\\\😀".repeat(40) + "/" + i, hostile + "again " + i);
        }
        agent.ok("sleep", Map.of("summary", hostile.substring(0, 4_000), "agent", "\"".repeat(64)));

        var result = agent.call("wake_up", Map.of("agent", "😀\"\\".repeat(16)));

        int size = (new JsonObject(Map.of("text", Agent.text(result))).encode() + Agent.text(result))
                .getBytes(StandardCharsets.UTF_8)
                .length;
        assertThat(size).isLessThanOrEqualTo(5 * 1024);
        JsonObject awake = new JsonObject(Agent.text(result));
        assertThat(awake.getBoolean("truncated")).isTrue();
        assertThat(awake.getJsonObject("counts").getLong("always_check")).isEqualTo(30);
        assertThat(awake.getJsonObject("last_handover").getString("summary")).isNotEmpty();
    }

    @Test
    void versionsOfATopicAreNumberedAndNeverChange() {
        assertThat(lock("api/auth", "Tokens last an hour.").getString("version"))
                .isEqualTo("1.0");
        JsonObject second = lock("api/auth", "Tokens last two hours.");
        assertThat(second.getString("version")).isEqualTo("1.1");
        assertThat(second.getBoolean("created")).isTrue();

        assertThat(agent.ok("recall_context", Map.of("topic", "api/auth")).getString("content"))
                .isEqualTo("Tokens last two hours.");
        JsonObject first = agent.ok("recall_context", Map.of("topic", "api/auth", "version", "1.0"));
        assertThat(first.getString("content")).isEqualTo("Tokens last an hour.");
        assertThat(first.getString("latest_version")).isEqualTo("1.1");
        assertThat(first.getInteger("versions")).isEqualTo(2);
        JsonObject preview = agent.ok("recall_context", Map.of("topic", "api/auth", "preview_only", true));
        assertThat(preview.containsKey("content")).isFalse();
        assertThat(preview.getString("preview")).isEqualTo("Tokens last two hours.");
        assertThat(preview.getJsonArray("key_concepts")).contains("tokens");
        assertThat(preview.getString("content_hash")).startsWith("sha256:").hasSize(71);
    }

    @Test
    void theSameContentAgainIsTheSameVersionAndTheLatest() {
        lock("t", "first");
        lock("t", "second");

        JsonObject again = lock("t", "first");

        assertThat(again.getString("version")).isEqualTo("1.0");
        assertThat(again.getBoolean("created")).isFalse();
        assertThat(again.getInteger("versions")).isEqualTo(2);
        assertThat(agent.ok("recall_context", Map.of("topic", "t")).getString("content"))
                .isEqualTo("first");
        assertThat(lock("t", "third").getString("version")).isEqualTo("1.2");
    }

    @Test
    void aLockedContextIsRecalledAsItIsAnswered() {
        JsonObject locked = lock("t", "content");
        locked.remove("created");

        JsonObject recalled = agent.ok("recall_context", Map.of("topic", "t", "preview_only", true));

        assertThat(recalled).isEqualTo(locked);
    }

    @Test
    void ofManyThatLockAtOnceEachGetsItsOwnNumberAndEqualOnesTheSame() throws Exception {
        List<JsonObject> locked = Parallel.run(24, i -> lock("race", "content " + i % 12));

        assertThat(locked.stream().map(l -> l.getString("version")).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 12).mapToObj(i -> "1." + i).toList());
        assertThat(locked.stream().filter(l -> l.getBoolean("created"))).hasSize(12);
        for (int i = 0; i < 12; i++) {
            assertThat(locked.get(i).getString("version"))
                    .isEqualTo(locked.get(i + 12).getString("version"));
        }
    }

    @Test
    void whatMustBeCheckedIsUnlockedWithForceOnlyAndCanBeRecalledFromTheArchive() {
        lock("rule", "You MUST write tests.");

        JsonObject error = agent.refused("unlock_context", Map.of("topic", "rule", "version", "1.0"));
        assertThat(error.getString("code")).isEqualTo("conflict");
        assertThat(error.getString("param")).isEqualTo("force");
        JsonObject unlocked = agent.ok("unlock_context", Map.of("topic", "rule", "version", "1.0", "force", true));
        assertThat(unlocked.getJsonArray("versions")).containsExactly("1.0");

        assertThat(agent.refused("recall_context", Map.of("topic", "rule")).getString("code"))
                .isEqualTo("not_found");
        JsonObject archived = agent.ok("recall_context", Map.of("topic", "rule", "version", "1.0"));
        assertThat(archived.getString("content")).isEqualTo("You MUST write tests.");
        assertThat(archived.getLong("archived_at")).isNotNull();
        assertThat(topics(agent.ok("list_contexts", Map.of()))).isEmpty();
        assertThat(topics(agent.ok("search_contexts", Map.of("query", "tests"))))
                .isEmpty();
        assertThat(lock("rule", "You MUST write tests.").getString("version"))
                .as("a number is never given twice")
                .isEqualTo("1.1");
    }

    @Test
    void withoutTheArchiveItIsGone() {
        lock("t", "first");
        lock("t", "second");

        agent.ok("unlock_context", Map.of("topic", "t", "version", "1.1", "archive", false));
        assertThat(agent.refused("recall_context", Map.of("topic", "t", "version", "1.1"))
                        .getString("code"))
                .isEqualTo("not_found");
        assertThat(agent.ok("recall_context", Map.of("topic", "t")).getString("version"))
                .isEqualTo("1.0");
        agent.ok("unlock_context", Map.of("topic", "t", "version", "1.0"));
        agent.ok("unlock_context", Map.of("topic", "t", "version", "all", "archive", false));
        assertThat(agent.refused("unlock_context", Map.of("topic", "t", "version", "all", "archive", false))
                        .getString("code"))
                .isEqualTo("not_found");
    }

    @Test
    void listsAreByTagAndPriorityAndPaged() {
        for (int i = 0; i < 7; i++) {
            agent.ok(
                    "lock_context",
                    Map.of(
                            "topic",
                            "list/" + i,
                            "content",
                            "number " + i,
                            "tags",
                            List.of("all", i % 2 == 0 ? "even" : "odd"),
                            "priority",
                            i < 4 ? "important" : "reference"));
        }

        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "odd"))))
                .containsExactly("list/1", "list/3", "list/5");
        assertThat(topics(agent.ok("list_contexts", Map.of("priority", "reference"))))
                .containsExactly("list/4", "list/5", "list/6");
        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "even", "priority", "important"))))
                .containsExactly("list/0", "list/2");
        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "none")))).isEmpty();
        List<String> paged = new ArrayList<>();
        JsonObject page = agent.ok("list_contexts", Map.of("limit", 3));
        paged.addAll(topics(page));
        while (page.getBoolean("has_more")) {
            page = agent.ok("list_contexts", Map.of("limit", 3, "after", page.getString("next_after")));
            paged.addAll(topics(page));
        }
        assertThat(paged)
                .containsExactlyElementsOf(
                        IntStream.range(0, 7).mapToObj(i -> "list/" + i).toList());
    }

    @Test
    void aNewVersionMovesATopicToItsNewTags() {
        agent.ok("lock_context", Map.of("topic", "t", "content", "one", "tags", List.of("old")));
        agent.ok("lock_context", Map.of("topic", "t", "content", "two NEVER", "tags", List.of("new")));

        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "old")))).isEmpty();
        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "new", "priority", "always_check"))))
                .containsExactly("t");
        agent.ok("unlock_context", Map.of("topic", "t", "version", "1.1", "force", true));
        assertThat(topics(agent.ok("list_contexts", Map.of("tag", "old")))).containsExactly("t");
    }

    @Test
    void searchRanksAndShowsWhereItMatches() {
        lock("api/auth/tokens", "Access tokens expire after an hour.");
        lock("api/limits", "Each client may send a hundred requests; a token bucket counts them.");
        lock("style/braces", "Braces stand at the end of the line.");

        JsonObject found = agent.ok("search_contexts", Map.of("query", "token"));
        assertThat(topics(found)).containsExactly("api/auth/tokens", "api/limits");
        assertThat(found.getJsonArray("contexts").getJsonObject(1).getString("snippet"))
                .contains("**token** bucket");
        assertThat(topics(agent.ok("search_contexts", Map.of("query", "token -bucket"))))
                .containsExactly("api/auth/tokens");
        assertThat(topics(agent.ok("search_contexts", Map.of("query", "\"end of the line\" or nothing"))))
                .containsExactly("style/braces");
        assertThat(topics(agent.ok("search_contexts", Map.of("query", "the of and"))))
                .as("words that say nothing find nothing, not everything")
                .isEmpty();
        assertThat(agent.ok("search_contexts", Map.of("query", "token", "limit", 1))
                        .getBoolean("has_more"))
                .isTrue();
    }

    @Test
    void whatAPlanTouchesComesWithTheRulesThatItMayBreak() {
        lock("deploy/rules", "NEVER deploy on a Friday. Rollbacks take ten minutes. ALWAYS announce a deployment.");
        lock("deploy/history", "The last deployment went well.");
        lock("style", "Braces MUST stand at the end of the line.");

        JsonObject checked =
                agent.ok("check_contexts", Map.of("text", "I must deploy the new release this Friday evening."));

        assertThat(topics(checked)).containsExactly("deploy/rules", "deploy/history");
        assertThat(values(checked.getJsonArray("rules"), "rule"))
                .containsExactly("NEVER deploy on a Friday.", "ALWAYS announce a deployment.");
        assertThat(agent.ok("check_contexts", Map.of("text", "must always never"))
                        .getJsonArray("contexts"))
                .as("what makes a rule a rule is no subject")
                .isEmpty();
        assertThat(agent.ok("check_contexts", Map.of("text", "it's a \\ 'quoted' | & ! (text) <-> :*"))
                        .getJsonArray("contexts"))
                .isEmpty();
    }

    @Test
    void topicsMakeATree() {
        for (String topic : List.of("api", "api/auth/tokens", "api/auth/sessions", "style")) {
            lock(topic, "about " + topic);
        }

        JsonObject tree = agent.ok("explore_context_tree", Map.of("depth", 2));

        assertThat(tree.getLong("topics")).isEqualTo(4);
        assertThat(tree.getBoolean("confirmation_needed")).isFalse();
        JsonObject api = tree.getJsonArray("tree").getJsonObject(0);
        assertThat(api.getString("path")).isEqualTo("api");
        assertThat(api.getBoolean("is_topic")).isTrue();
        assertThat(api.getLong("topics")).isEqualTo(3);
        JsonObject auth = api.getJsonArray("children").getJsonObject(0);
        assertThat(auth.getString("path")).isEqualTo("api/auth");
        assertThat(auth.getBoolean("is_topic")).isFalse();
        assertThat(auth.getLong("topics")).isEqualTo(2);
        assertThat(auth.getJsonArray("children")).isEmpty();
    }

    @Test
    void aTreeOfMoreThanFiftyTopicsHasToBeWanted() throws Exception {
        Parallel.run(51, i -> lock("tree/" + i % 5 + "/leaf " + i, "leaf " + i));

        JsonObject top = agent.ok("explore_context_tree", Map.of());
        assertThat(top.getBoolean("confirmation_needed")).isTrue();
        assertThat(top.getLong("topics")).isEqualTo(51);
        assertThat(top.getJsonArray("tree")).hasSize(1);
        assertThat(top.getJsonArray("tree").getJsonObject(0).getJsonArray("children"))
                .isEmpty();
        JsonObject all = agent.ok("explore_context_tree", Map.of("confirm_full", true));
        assertThat(all.getBoolean("confirmation_needed")).isFalse();
        assertThat(all.getJsonArray("tree").getJsonObject(0).getJsonArray("children"))
                .hasSize(5);
    }

    @Test
    void filesAreStoredAndFound() {
        agent.ok(
                "store_files",
                Map.of(
                        "files",
                        List.of(
                                Map.of(
                                        "path",
                                        "src/db/Pool.java",
                                        "purpose",
                                        "Lends connections",
                                        "exports",
                                        List.of("Pool")),
                                Map.of(
                                        "path",
                                        "src/db/Gate.java",
                                        "purpose",
                                        "Admits requests",
                                        "imports",
                                        List.of("dev.db.Pool")),
                                Map.of("path", "README.md", "cluster", "docs"))));
        assertThat(agent.ok(
                                "store_files",
                                Map.of(
                                        "files",
                                        List.of(Map.of(
                                                "path",
                                                "src/db/Pool.java",
                                                "purpose",
                                                "Lends and counts connections"))))
                        .getInteger("stored"))
                .isEqualTo(1);

        JsonObject all = agent.ok("query_files", Map.of());
        assertThat(values(all.getJsonArray("files"), "path"))
                .containsExactly("README.md", "src/db/Gate.java", "src/db/Pool.java");
        assertThat(files("query", "counting connection")).containsExactly("src/db/Pool.java");
        assertThat(files("query", "pool")).containsExactly("src/db/Pool.java", "src/db/Gate.java");
        assertThat(files("type", "md")).containsExactly("README.md");
        assertThat(files("cluster", "src/db")).containsExactly("src/db/Gate.java", "src/db/Pool.java");
        assertThat(files("cluster", "src/db", "type", "java")).hasSize(2);
        assertThat(files("cluster", "docs", "query", "readme")).containsExactly("README.md");
        assertThat(files("cluster", "docs", "type", "java", "query", "pool")).isEmpty();
        JsonObject page = agent.ok("query_files", Map.of("limit", 2));
        assertThat(page.getString("next_after")).isEqualTo("src/db/Gate.java");
        assertThat(values(
                        agent.ok("query_files", Map.of("after", "src/db/Gate.java"))
                                .getJsonArray("files"),
                        "path"))
                .containsExactly("src/db/Pool.java");
    }

    private List<String> files(String... arguments) {
        Map<String, Object> asked = new java.util.HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            asked.put(arguments[i], arguments[i + 1]);
        }
        return values(agent.ok("query_files", asked).getJsonArray("files"), "path");
    }

    @Test
    void noProjectSeesAnothersMemory() {
        lock("secret/plan", "NEVER tell the others about the zeppelin.");
        agent.ok("sleep", Map.of("summary", "secret"));
        agent.ok("store_files", Map.of("files", List.of(Map.of("path", "secret.txt", "purpose", "zeppelin"))));

        try (Agent other = agent(NewProject.create().key())) {
            JsonObject awake = other.ok("wake_up", Map.of());
            assertThat(awake.getJsonObject("last_handover")).isNull();
            assertThat(awake.getJsonObject("counts").getLong("files")).isZero();
            assertThat(topics(other.ok("list_contexts", Map.of()))).isEmpty();
            assertThat(topics(other.ok("search_contexts", Map.of("query", "zeppelin or secret"))))
                    .isEmpty();
            assertThat(topics(other.ok("search_contexts", Map.of("query", "-nothing"))))
                    .isEmpty();
            assertThat(topics(other.ok("check_contexts", Map.of("text", "the zeppelin's plan"))))
                    .isEmpty();
            assertThat(other.ok("explore_context_tree", Map.of()).getLong("topics"))
                    .isZero();
            assertThat(other.ok("query_files", Map.of("query", "zeppelin")).getJsonArray("files"))
                    .isEmpty();
            assertThat(other.ok("get_last_handover", Map.of()).getJsonObject("handover"))
                    .isNull();
            for (String tool : List.of("recall_context", "unlock_context")) {
                assertThat(other.refused(tool, Map.of("topic", "secret/plan", "version", "1.0"))
                                .getString("code"))
                        .isEqualTo("not_found");
            }
        }
    }

    @Test
    void everyCallIsLoggedWithItsToolItsTimeAndItsOutcome() {
        try (LogCapture log = LogCapture.of(ToolServer.class)) {
            agent.ok("list_contexts", Map.of());
            agent.refused("recall_context", Map.of("topic", "nowhere"));

            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(0).message()).matches("tool=list_contexts latency_ms=\\d+ outcome=ok");
            assertThat(log.lines().get(1).message()).matches("tool=recall_context latency_ms=\\d+ outcome=not_found");
            Set<String> ids =
                    log.lines().stream().map(LogCapture.Line::requestId).collect(toSet());
            assertThat(ids).hasSize(2).allMatch(id -> id.startsWith("req_"));
        }
    }

    @Test
    void sessionsOfDifferentAgentsDoNotMixEvenWhenTheyWakeUpAtOnce() throws Exception {
        List<String> sessions = Parallel.run(
                16,
                i -> agent.ok("wake_up", Map.of("agent", "agent " + i % 4))
                        .getJsonObject("session")
                        .getString("id"));

        assertThat(new HashSet<>(sessions)).hasSize(4);
        for (int i = 0; i < 16; i++) {
            assertThat(sessions.get(i)).isEqualTo(sessions.get(i % 4));
        }
    }
}
