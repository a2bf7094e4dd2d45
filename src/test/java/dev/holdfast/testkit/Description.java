package dev.holdfast.testkit;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The description of the API that the service under test serves. */
public final class Description {

    private static final JsonSchemaOptions OPTIONS = new JsonSchemaOptions()
            .setBaseUri("https://holdfast.test/")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic);

    public final JsonObject document;

    /** One method of one path. */
    public record Operation(String method, String path, JsonObject description) {

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private Description(JsonObject document) {
        this.document = document;
    }

    public static Description served() {
        return new Description(new JsonObject(given().accept("application/json")
                .get(Management.url("/q/openapi?format=json"))
                .then()
                .statusCode(200)
                .extract()
                .asString()));
    }

    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject methods = paths.getJsonObject(path);
            for (String method : methods.fieldNames()) {
                if (!method.equals("parameters")) {
                    operations.add(new Operation(method.toUpperCase(), path, methods.getJsonObject(method)));
                }
            }
        }
        return operations;
    }

    public Operation operation(String method, String path) {
        return operations().stream()
                .filter(o -> o.method.equals(method) && o.path.equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(method + " " + path + " is not described"));
    }

    /** The parameters of an operation, those of its path included. */
    public Stream<JsonObject> parameters(Operation operation) {
        JsonArray ofPath = document.getJsonObject("paths")
                .getJsonObject(operation.path)
                .getJsonArray("parameters", new JsonArray());
        return Stream.concat(
                        ofPath.stream(), operation.description.getJsonArray("parameters", new JsonArray()).stream())
                .map(JsonObject.class::cast)
                .map(this::resolved);
    }

    /** The example of the JSON body that an operation takes. */
    public JsonObject bodyExample(String method, String path) {
        JsonObject body = operation(method, path).description.getJsonObject("requestBody");
        return (JsonObject) examples(json(body)).get(0);
    }

    /** What is said of JSON in a request body or a response; null where there is none. */
    public JsonObject json(JsonObject bodyOrResponse) {
        JsonObject content = resolved(bodyOrResponse).getJsonObject("content");
        return content == null ? null : content.getJsonObject("application/json");
    }

    public List<Object> examples(JsonObject json) {
        List<Object> examples = new ArrayList<>();
        if (json.containsKey("example")) {
            examples.add(json.getValue("example"));
        }
        JsonObject named = json.getJsonObject("examples", new JsonObject());
        named.fieldNames()
                .forEach(
                        name -> examples.add(resolved(named.getJsonObject(name)).getValue("value")));
        return examples;
    }

    /** Fails unless the status, and the body by its schema, are among what is described for this operation. */
    public Response check(String method, String path, Response response) {
        JsonObject responses = operation(method, path).description.getJsonObject("responses");
        String status = String.valueOf(response.statusCode());
        JsonObject described = responses.getJsonObject(status, responses.getJsonObject("default"));
        assertThat(described).as("%s of %s %s", status, method, path).isNotNull();
        assertThat(responses.containsKey(status) || response.statusCode() >= 400)
                .as("%s of %s %s", status, method, path)
                .isTrue();
        assertFits(json(described), Json.decodeValue(response.asString()), method + " " + path);
        return response;
    }

    public void assertFits(JsonObject json, Object value, String what) {
        // Copies, because the validator leaves notes of its own in what it is given.
        JsonObject schema = json.getJsonObject("schema").copy();
        schema.put("components", document.getJsonObject("components").copy());
        OutputUnit result = Validator.create(JsonSchema.of(schema), OPTIONS).validate(value);
        assertThat(result.getValid())
                .as("%s: %s%n%s", what, value, result.getErrors())
                .isTrue();
    }

    public JsonObject resolved(JsonObject described) {
        String reference = described.getString("$ref");
        if (reference == null) {
            return described;
        }
        JsonObject at = document;
        for (String step : reference.substring("#/".length()).split("/")) {
            at = at.getJsonObject(step);
        }
        assertThat(at).as(reference).isNotNull();
        return at;
    }
}
