package dev.holdfast;

import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.with;
import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.holdfast.testkit.Description;
import dev.holdfast.testkit.Description.Operation;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The description at {@code /q/openapi}: of all that there is, true, and the one that is committed. */
@QuarkusTest
class OpenApiTest {

    /** {@code ./mvnw test -Dtest=OpenApiTest -Dopenapi.write} refreshes the committed document. */
    private static final String WRITE = "openapi.write";

    private static final java.nio.file.Path COMMITTED = java.nio.file.Path.of("deploy", "openapi.yaml");

    @Inject
    BeanManager beans;

    private Description description;

    @BeforeEach
    void read() {
        description = Description.served();
    }

    @Test
    void theCommittedDocumentIsTheOneThatIsServed() throws IOException {
        JsonObject served = sorted(description.document);
        YAMLMapper yaml = new YAMLMapper();
        if (System.getProperty(WRITE) != null) {
            Files.writeString(
                    COMMITTED,
                    "# Made of src/main/resources/openapi by OpenApiTest; not to be edited.\n"
                            + yaml.writeValueAsString(new ObjectMapper().readTree(served.encode())));
        }

        assertThat(yaml.readTree(COMMITTED.toFile()))
                .as("%s is not up to date: ./mvnw test -Dtest=OpenApiTest -D%s makes it so", COMMITTED, WRITE)
                .isEqualTo(new ObjectMapper().readTree(served.encode()));
    }

    @Test
    void everyMethodOfEveryResourceIsDescribedAndNothingElse() {
        List<String> inCode = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .map(Bean::getBeanClass)
                .filter(type -> type.isAnnotationPresent(Path.class))
                .flatMap(OpenApiTest::operations)
                .filter(operation -> !operation.contains(" /v1/test-"))
                .toList();

        assertThat(description.operations().stream().map(Operation::toString))
                .containsExactlyInAnyOrderElementsOf(inCode);
    }

    private static Stream<String> operations(Class<?> resource) {
        return Arrays.stream(resource.getDeclaredMethods())
                .flatMap(method -> httpMethods(method)
                        .map(http -> http + " "
                                + path(resource.getAnnotation(Path.class), method.getAnnotation(Path.class))));
    }

    private static Stream<String> httpMethods(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type.isAnnotationPresent(HttpMethod.class))
                .map(type -> type.getAnnotation(HttpMethod.class).value());
    }

    private static String path(Path ofClass, Path ofMethod) {
        String path = "/" + ofClass.value() + "/" + (ofMethod == null ? "" : ofMethod.value());
        return path.replaceAll("/+", "/").replaceAll("(.)/$", "$1").replaceAll("\\{(\\w+):[^}]*}", "{$1}");
    }

    @Test
    void everyOperationSaysWhatItIsAndHowItFails() {
        Set<String> tags = description.document.getJsonArray("tags").stream()
                .map(tag -> ((JsonObject) tag).getString("name"))
                .collect(toSet());
        for (Operation operation : description.operations()) {
            JsonObject described = operation.description();
            assertThat(described.getString("summary"))
                    .as("summary of " + operation)
                    .isNotBlank();
            assertThat(described.getString("operationId"))
                    .as("id of " + operation)
                    .isNotBlank();
            assertThat(described.getJsonArray("tags"))
                    .as("tags of " + operation)
                    .hasSize(1)
                    .isSubsetOf(tags);
            assertThat(described.getJsonObject("responses").getJsonObject("default"))
                    .as("failures of " + operation)
                    .isEqualTo(new JsonObject().put("$ref", "#/components/responses/Error"));
            assertThat(pathParameters(operation)).as("path of " + operation).isEqualTo(inBraces(operation.path()));
        }
        assertThat(description.operations().stream().map(o -> o.description().getString("operationId")))
                .doesNotHaveDuplicates();
    }

    private Set<String> pathParameters(Operation operation) {
        return description
                .parameters(operation)
                .filter(parameter -> parameter.getString("in").equals("path"))
                .map(parameter -> parameter.getString("name"))
                .collect(toSet());
    }

    private static Set<String> inBraces(String path) {
        return Pattern.compile("\\{(\\w+)}")
                .matcher(path)
                .results()
                .map(found -> found.group(1))
                .collect(toSet());
    }

    @Test
    void onlyHealthNeedsNoKeyAndOnlyTheInboxTakesASignatureInstead() {
        assertThat(description.document.getJsonArray("security").encode()).isEqualTo("[{\"key\":[]}]");
        assertThat(description.operations().stream()
                        .filter(operation -> operation.description().containsKey("security"))
                        .map(Operation::path))
                .containsExactlyInAnyOrder("/health", "/healthz", "/v1/inbox/{source}");
        assertThat(description.operations().stream()
                        .filter(operation -> operation.path().equals("/v1/inbox/{source}"))
                        .map(operation ->
                                operation.description().getJsonArray("security").encode()))
                .containsExactly("[{\"key\":[]},{\"signature\":[]}]");
    }

    @Test
    void everyBodyHasExamplesThatFitIt() {
        for (Operation operation : description.operations()) {
            JsonObject described = operation.description();
            if (described.containsKey("requestBody")) {
                assertExamplesFit(described.getJsonObject("requestBody"), "body of " + operation);
            }
            JsonObject responses = described.getJsonObject("responses");
            responses.fieldNames().stream()
                    .filter(status -> !status.equals("304"))
                    .forEach(status -> assertExamplesFit(responses.getJsonObject(status), status + " of " + operation));
        }
    }

    private void assertExamplesFit(JsonObject bodyOrResponse, String what) {
        JsonObject json = description.json(bodyOrResponse);
        assertThat(json).as(what).isNotNull();
        assertThat(description.examples(json)).as("examples of the " + what).isNotEmpty();
        description.examples(json).forEach(example -> description.assertFits(json, example, what));
    }

    @Test
    void projectsAndKeysAreAsDescribed() {
        String projects = "/admin/projects";
        String keys = projects + "/{project}/keys";
        String project = "t-" + UUID.randomUUID();
        ok(
                "POST",
                projects,
                admin().body(description
                                .bodyExample("POST", projects)
                                .put("id", project)
                                .encode())
                        .post(projects));
        ok("GET", projects, admin().get(projects));
        String one = projects + "/{project}";
        ok(
                "PATCH",
                one,
                admin().body(description.bodyExample("PATCH", one).encode()).patch(one, project));
        String key = ok(
                        "POST",
                        keys,
                        admin().body(description.bodyExample("POST", keys).encode())
                                .post(keys, project))
                .path("id");
        ok("POST", keys, admin().post(keys, project));
        ok("GET", keys, admin().get(keys, project));
        ok("DELETE", keys + "/{key}", admin().delete(keys + "/{key}", project, key));
        ok("GET", keys, admin().get(keys, project));
        failed("GET", keys, admin().get(keys, "unknown"), 404);
        failed("GET", projects, admin().get(projects + "?limit=0"), 400);
    }

    @Test
    void conversationsAreAsDescribed() {
        String conversations = "/v1/conversations";
        String one = conversations + "/{conversation}";
        String items = one + "/items";
        String id = ok(
                        "POST",
                        conversations,
                        api().body(description
                                        .bodyExample("POST", conversations)
                                        .encode())
                                .post(conversations))
                .path("id");
        ok("GET", conversations, api().queryParam("metadata[topic]", "demo").get(conversations));
        ok("GET", one, api().get(one, id));
        ok(
                "POST",
                one,
                api().body(description.bodyExample("POST", one).encode()).post(one, id));
        String item = ok(
                        "POST",
                        items,
                        api().body(description.bodyExample("POST", items).encode())
                                .post(items, id))
                .path("data[0].id");
        ok("GET", items, api().get(items, id));
        ok("GET", items + "/{item}", api().get(items + "/{item}", id, item));
        ok("DELETE", items + "/{item}", api().delete(items + "/{item}", id, item));
        failed("GET", items + "/{item}", api().get(items + "/{item}", id, item), 404);
        ok("DELETE", one, api().delete(one, id));
        failed("GET", conversations, with("wrong").get(conversations), 401);
    }

    @Test
    void theInboxIsAsDescribed() {
        String sources = "/admin/inbox/sources";
        String source = "t-" + UUID.randomUUID();
        String in = "/v1/inbox/{source}";
        ok(
                "POST",
                sources,
                admin().body(description
                                .bodyExample("POST", sources)
                                .put("id", source)
                                .encode())
                        .post(sources));
        ok("GET", sources, admin().get(sources));
        ok("POST", sources + "/{source}/secret", admin().post(sources + "/{source}/secret", source));
        ok(
                "DELETE",
                sources + "/{source}/previous-secret",
                admin().delete(sources + "/{source}/previous-secret", source));
        ok("POST", sources + "/reseal", admin().post(sources + "/reseal"));
        Response accepted = api().body(description
                        .bodyExample("POST", in)
                        .put("external_id", source)
                        .encode())
                .post(in, source);
        assertThat(accepted.statusCode()).isEqualTo(202);
        description.check("POST", in, accepted);
        String id = accepted.path("id");
        ok("GET", "/admin/inbox", admin().get("/admin/inbox?source=" + source));
        ok("GET", "/admin/inbox/{message}", admin().get("/admin/inbox/{message}", id));
        await().until(() ->
                admin().get("/admin/inbox/{message}", id).path("state").equals("done"));
        ok("GET", "/admin/inbox/{message}", admin().get("/admin/inbox/{message}", id));
        failed("POST", "/admin/inbox/{message}/retry", admin().post("/admin/inbox/{message}/retry", id), 409);
        ok("DELETE", sources + "/{source}", admin().delete(sources + "/{source}", source));
        failed("POST", in, api().body("{}").post(in, source), 404);
    }

    @Test
    void usersSettingsAreAsDescribed() {
        String settings = "/v1/users/{external_id}/settings";
        String user = "t-" + UUID.randomUUID();
        ok(
                "PUT",
                settings,
                api().body(description.bodyExample("PUT", settings).encode()).put(settings, user));
        ok("GET", settings, api().get(settings, user));
        failed("PUT", settings, api().header("If-Match", "\"9\"").body("{}").put(settings, user), 412);
        ok("DELETE", settings, api().delete(settings, user));
        failed("GET", settings, api().get(settings, user), 404);
    }

    @Test
    void llmConfigsAndModelsAreAsDescribed() {
        String configs = "/admin/llm-configs";
        String one = configs + "/{config}";
        String name = "t-" + UUID.randomUUID();
        String id = ok(
                        "POST",
                        configs,
                        admin().body(description
                                        .bodyExample("POST", configs)
                                        .put("name", name)
                                        .encode())
                                .post(configs))
                .path("id");
        ok("GET", configs, admin().get(configs + "?active=true"));
        ok("GET", one, admin().get(one, id));
        ok(
                "PATCH",
                one,
                admin().body(description.bodyExample("PATCH", one).encode()).patch(one, id));
        ok("POST", one + "/default", admin().post(one + "/default", id));
        ok("GET", "/v1/models", api().get("/v1/models"));
        ok("GET", "/v1/models/{model}", api().get("/v1/models/{model}", name));
        // An address that is never called.
        admin().body("{\"base_url\":\"http://169.254.169.254\",\"api_key\":\"sk-another-0123456789\"}")
                .patch(one, id);
        ok("POST", one + "/test", admin().post(one + "/test", id));
        ok("POST", configs + "/reseal", admin().post(configs + "/reseal"));
        ok("DELETE", one, admin().delete(one, id));
        ok("GET", one + "/history", admin().get(one + "/history", id));
        failed("POST", one + "/test", admin().post(one + "/test", id), 404);
        failed("POST", configs, admin().body("{\"name\":\"x\"}").post(configs), 400);
    }

    @Test
    void theStateOfTheServiceIsAsDescribed() {
        for (String path :
                List.of("/admin/pool-status", "/admin/llm-configs/debug/pool-status", "/admin/metrics/database")) {
            ok("GET", path, admin().get(path));
            failed("GET", path, api().get(path), 403);
        }
        ok("GET", "/health", given().get("/health"));
        ok("GET", "/healthz", given().get("/healthz"));
    }

    @Test
    void theDocumentIsNotOnThePortOfTheApi() {
        given().get("/q/openapi").then().statusCode(404);
    }

    private Response ok(String method, String path, Response response) {
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.asString())
                .isEqualTo(200);
        return description.check(method, path, response);
    }

    private void failed(String method, String path, Response response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        description.check(method, path, response);
    }

    /** The order of the files decides about that of the tags, and nothing about that of the files. */
    private static JsonObject sorted(JsonObject document) {
        List<JsonObject> tags = document.getJsonArray("tags").stream()
                .map(JsonObject.class::cast)
                .sorted(Comparator.comparing(tag -> tag.getString("name")))
                .toList();
        return document.copy().put("tags", new JsonArray(tags));
    }
}
