package dev.holdfast.admin.page;

import dev.holdfast.http.Page;
import dev.holdfast.http.PageRequest;
import dev.holdfast.identity.AdminSessions;
import dev.holdfast.identity.ApiKey;
import dev.holdfast.identity.Caller;
import dev.holdfast.identity.KeyRing;
import dev.holdfast.identity.Names;
import dev.holdfast.identity.Project;
import dev.holdfast.identity.ProjectRepository;
import dev.holdfast.identity.Scope;
import dev.holdfast.problem.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Projects and their API keys. */
@Path(ProjectPages.PATH)
@NonBlocking
public class ProjectPages {

    static final String PATH = AdminSessions.PATH + "/projects";
    private static final String VIEW = "projects";
    private static final int PER_PAGE = 50;

    /**
     * What somebody has filled in, and what is wrong with it.
     *
     * @param param the field at fault; null where none is
     */
    record Draft(Form form, @Nullable String param, String error) {

        static final Draft EMPTY = new Draft(new Form(Map.of()), null, "");

        public String value(String name) {
            return form.text(name);
        }

        public boolean has(String name, String value) {
            return form.all(name).contains(value);
        }

        public String error(String name) {
            return name.equals(param) ? error : "";
        }

        public boolean failed() {
            return !error.isEmpty();
        }
    }

    @CheckedTemplate(basePath = "page")
    static class Templates {
        static native TemplateInstance projects(Shell shell, Page<Project> list, Draft draft);

        static native TemplateInstance project(
                Shell shell, String project, Page<ApiKey> keys, List<Scope> scopes, Draft draft, long now);

        static native TemplateInstance issued(Shell shell, ApiKey key);

        private Templates() {}
    }

    private final Pages pages;
    private final ProjectRepository repository;
    private final KeyRing ring;

    ProjectPages(Pages pages, ProjectRepository repository, KeyRing ring) {
        this.pages = pages;
        this.repository = repository;
        this.ring = ring;
    }

    @GET
    public Uni<Response> list(@Context RoutingContext ctx) {
        return pages.answered(ctx, VIEW, () -> list(ctx, 200, Draft.EMPTY));
    }

    private Uni<Response> list(RoutingContext ctx, int status, Draft draft) {
        PageRequest page = page(ctx, PageRequest.Order.ASC);
        return repository
                .list(Caller.of(ctx).ticket(), page)
                .map(rows -> Page.of(rows, page, Project::id))
                .flatMap(rows -> pages.page(ctx, status, Templates.projects(pages.shell(VIEW), rows, draft)));
    }

    @POST
    public Uni<Response> create(@Context RoutingContext ctx) {
        Form form = Form.of(ctx);
        return pages.answered(
                ctx,
                VIEW,
                () -> create(ctx, form)
                        .onFailure(ProjectPages::isFieldAtFault)
                        .recoverWithUni(e -> list(ctx, Pages.failure(ctx, e).status(), draft(ctx, form, e))));
    }

    private Uni<Response> create(RoutingContext ctx, Form form) {
        return Uni.createFrom().deferred(() -> {
            Project.Draft draft =
                    new Project.Draft(form.has("id") ? form.text("id") : Project.newId(), form.text("name"), null);
            // PostgreSQL keeps microseconds; what it gives back must equal what was sent.
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            return repository
                    .create(Caller.of(ctx).ticket(), draft, now.atOffset(ZoneOffset.UTC), null, "")
                    .call(() -> ring.refresh())
                    .flatMap(done -> pages.to(ctx, PATH + "/" + draft.id()));
        });
    }

    @GET
    @Path("/{project}")
    public Uni<Response> one(@Context RoutingContext ctx, @PathParam("project") String project) {
        return pages.answered(ctx, VIEW, () -> one(ctx, 200, project, Draft.EMPTY));
    }

    private Uni<Response> one(RoutingContext ctx, int status, String project, Draft draft) {
        requireId(project, "project");
        PageRequest page = page(ctx, PageRequest.Order.DESC);
        return repository
                .listKeys(Caller.of(ctx).ticket(), project, page)
                .map(rows -> rows.orElseThrow(() -> Problem.notFound("There is no such project.")))
                .map(rows -> Page.of(rows, page, ApiKey::id))
                .flatMap(keys -> pages.page(
                        ctx,
                        status,
                        Templates.project(
                                pages.shell(VIEW),
                                project,
                                keys,
                                List.of(Scope.values()),
                                draft,
                                Instant.now().getEpochSecond())));
    }

    /** The only page that ever has the key. */
    @POST
    @Path("/{project}/keys")
    public Uni<Response> issue(@Context RoutingContext ctx, @PathParam("project") String project) {
        Form form = Form.of(ctx);
        return pages.answered(
                ctx,
                VIEW,
                () -> issue(ctx, project, form)
                        .onFailure(ProjectPages::isFieldAtFault)
                        .recoverWithUni(e -> one(ctx, Pages.failure(ctx, e).status(), project, draft(ctx, form, e))));
    }

    private Uni<Response> issue(RoutingContext ctx, String project, Form form) {
        return Uni.createFrom().deferred(() -> {
            requireId(project, "project");
            Set<Scope> scopes = form.all("scopes").isEmpty() ? null : Scope.parse(form.all("scopes"));
            ApiKey.Draft draft = new ApiKey.Draft(form.has("name") ? form.text("name") : null, scopes, expiry(form));
            ApiKey key = ApiKey.issue(project, draft, System.currentTimeMillis());
            return repository
                    .issue(Caller.of(ctx).ticket(), key, scopes)
                    .invoke(found -> require(found, "project"))
                    .call(() -> ring.refresh())
                    .flatMap(done -> pages.page(ctx, 200, Templates.issued(pages.shell(VIEW), key)));
        });
    }

    /** A day, at whose end the key ends too, by UTC. */
    private static @Nullable Long expiry(Form form) {
        if (!form.has("expires_at")) {
            return null;
        }
        try {
            return LocalDate.parse(form.text("expires_at"))
                    .plusDays(1)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toEpochSecond();
        } catch (DateTimeParseException e) {
            throw Problem.invalid("This must be a day, such as 2030-12-31.", "expires_at");
        }
    }

    @POST
    @Path("/{project}/keys/{key}/revoke")
    public Uni<Response> revoke(
            @Context RoutingContext ctx, @PathParam("project") String project, @PathParam("key") String key) {
        return pages.answered(ctx, VIEW, () -> {
            requireId(project, "project");
            requireId(key, "key");
            return repository
                    .revoke(Caller.of(ctx).ticket(), project, key)
                    .invoke(found -> require(found, "key"))
                    .call(() -> ring.refresh())
                    .flatMap(done -> pages.to(ctx, PATH + "/" + project));
        });
    }

    private static boolean isFieldAtFault(Throwable failure) {
        return failure instanceof Problem problem && problem.param() != null;
    }

    private static Draft draft(RoutingContext ctx, Form form, Throwable e) {
        Pages.Failure failure = Pages.failure(ctx, e);
        return new Draft(form, failure.param(), failure.message());
    }

    private static PageRequest page(RoutingContext ctx, PageRequest.Order order) {
        String after = Form.ofQuery(ctx).text("after");
        return new PageRequest(PER_PAGE, order, Names.isId(after) ? after : null);
    }

    private static void requireId(String id, String what) {
        require(Names.isId(id), what);
    }

    private static void require(boolean found, String what) {
        if (!found) {
            throw Problem.notFound("There is no such " + what + ".");
        }
    }
}
