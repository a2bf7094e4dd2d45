package dev.holdfast.identity;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.http.Deleted;
import dev.holdfast.http.Idempotency;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.JsonBody;
import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** {@code /admin/projects}: projects and their API keys, for admin keys only. */
@Path("/admin/projects")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ProjectResource {

    private final ProjectRepository repository;
    private final Idempotency idempotency;
    private final KeyRing keys;
    private final ObjectMapper json;

    ProjectResource(ProjectRepository repository, Idempotency idempotency, KeyRing keys, ObjectMapper json) {
        this.repository = repository;
        this.idempotency = idempotency;
        this.keys = keys;
        this.json = json;
    }

    /** Makes a project; 409 if its id is taken. */
    @POST
    public Uni<Buffer> create(@Context RoutingContext ctx) throws IOException {
        Caller caller = Caller.of(ctx);
        IdempotencyKey key = IdempotencyKey.of(ctx);
        Project.Draft draft = JsonBody.read(ctx, Project.Draft.class);
        // PostgreSQL keeps microseconds; what it gives back must equal what was sent.
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        String answer = json.writeValueAsString(
                new Project(draft.id(), draft.name(), now.getEpochSecond(), draft.retentionDays()));
        return idempotency
                .once(
                        caller.ticket(),
                        key,
                        () -> repository
                                .create(caller.ticket(), draft, now.atOffset(ZoneOffset.UTC), key, answer)
                                .replaceWith(Buffer.buffer(answer)))
                .call(() -> keys.refresh());
    }

    /** Lists projects in the order of their ids. */
    @GET
    public Uni<Page<Project>> list(@Context RoutingContext ctx) {
        PageRequest page = page(ctx);
        return repository.list(Caller.of(ctx).ticket(), page).map(rows -> Page.of(rows, page, Project::id));
    }

    /** Changes what the body names. */
    @PATCH
    @Path("/{project}")
    public Uni<Project> change(@PathParam("project") String project, @Context RoutingContext ctx) {
        requireId(project, "project");
        Buffer body = ctx.body().buffer();
        Project.Change change = Project.Change.read(body == null ? new byte[0] : body.getBytes());
        return repository.change(Caller.of(ctx).ticket(), project, change).map(changed -> {
            if (changed == null) {
                throw missing("project");
            }
            return changed;
        });
    }

    /** Issues a key; this answer is the only one that has it. */
    @POST
    @Path("/{project}/keys")
    public Uni<ApiKey> issue(@PathParam("project") String project, @Context RoutingContext ctx) throws IOException {
        requireId(project, "project");
        ApiKey.Draft draft = ctx.body().length() > 0 ? JsonBody.read(ctx, ApiKey.Draft.class) : ApiKey.Draft.EMPTY;
        ApiKey key = ApiKey.issue(project, draft, System.currentTimeMillis());
        return repository
                .issue(Caller.of(ctx).ticket(), key, draft.scopes())
                .invoke(found -> require(found, "project"))
                .call(() -> keys.refresh())
                .replaceWith(key);
    }

    /** Lists a project's keys, revoked ones too, by age. */
    @GET
    @Path("/{project}/keys")
    public Uni<Page<ApiKey>> keys(@PathParam("project") String project, @Context RoutingContext ctx) {
        requireId(project, "project");
        PageRequest page = page(ctx);
        return repository
                .listKeys(Caller.of(ctx).ticket(), project, page)
                .map(rows -> rows.orElseThrow(() -> missing("project")))
                .map(rows -> Page.of(rows, page, ApiKey::id));
    }

    /** Revokes a key: here at once, on other replicas as soon as PostgreSQL tells them, and within 5 s if nobody does. */
    @DELETE
    @Path("/{project}/keys/{key}")
    public Uni<Deleted> revoke(
            @PathParam("project") String project, @PathParam("key") String key, @Context RoutingContext ctx) {
        requireId(project, "project");
        requireId(key, "key");
        return repository
                .revoke(Caller.of(ctx).ticket(), project, key)
                .invoke(found -> require(found, "key"))
                .call(() -> keys.refresh())
                .replaceWith(new Deleted(key, "key.deleted"));
    }

    private static PageRequest page(RoutingContext ctx) {
        PageRequest page = PageRequest.of(ctx.queryParams());
        if (page.after() != null && !Names.isId(page.after())) {
            throw Problem.invalid("'after' is not an id of this list.", "after");
        }
        return page;
    }

    /** What can't be an id is nobody's, and never reaches PostgreSQL. */
    private static void requireId(String id, String what) {
        require(Names.isId(id), what);
    }

    private static void require(boolean found, String what) {
        if (!found) {
            throw missing(what);
        }
    }

    private static Problem missing(String what) {
        return Problem.notFound("There is no such " + what + ".");
    }
}
