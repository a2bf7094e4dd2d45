package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** {@code /v1/models} as OpenAI's API has it: what applications may use. Answered from memory, and without secrets. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class ModelResource {

    private final ConfigCache cache;

    ModelResource(ConfigCache cache) {
        this.cache = cache;
    }

    /** All models: OpenAI's list has no pages. */
    @JsonPropertyOrder({"object", "data"})
    @RegisterForReflection
    record Models(List<ConfigSnapshot.Model> data) {

        @JsonProperty("object")
        String object() {
            return "list";
        }
    }

    @GET
    public Response list() {
        ConfigCache.View view = cache.required();
        return Stale.mark(Response.ok(new Models(view.snapshot().models())), view);
    }

    /** {@code name} may have slashes, escaped or not: not every client escapes them. */
    @GET
    @Path("/{model: .+}")
    public Response get(@PathParam("model") String name) {
        ConfigCache.View view = cache.required();
        ConfigSnapshot.Model model = view.snapshot().model(name);
        if (model == null) {
            throw Problem.notFound("There is no such model.");
        }
        return Stale.mark(Response.ok(model), view);
    }
}
