package dev.holdfast.admin.page;

import dev.holdfast.identity.AdminSessions;
import dev.holdfast.problem.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/** Logging in and out. */
@Path(AdminSessions.PATH)
@NonBlocking
public class LoginPages {

    @CheckedTemplate(basePath = "page")
    static class Templates {
        static native TemplateInstance login(Shell shell, boolean possible, String error);

        static native TemplateInstance loggedOut(Shell shell, String warning);

        private Templates() {}
    }

    private final Pages pages;
    private final AdminSessions sessions;

    LoginPages(Pages pages, AdminSessions sessions) {
        this.pages = pages;
        this.sessions = sessions;
    }

    @GET
    public Uni<Response> start(@Context RoutingContext ctx) {
        return pages.to(ctx, PoolPages.PATH);
    }

    @GET
    @Path("/login")
    public Uni<Response> form(@Context RoutingContext ctx) {
        return sessions.isOpen(ctx) ? pages.to(ctx, PoolPages.PATH) : form(ctx, 200, "");
    }

    private Uni<Response> form(RoutingContext ctx, int status, String error) {
        return pages.page(ctx, status, Templates.login(pages.shell(""), sessions.possible(), error));
    }

    @POST
    @Path("/login")
    public Uni<Response> logIn(@Context RoutingContext ctx) {
        String key = Form.of(ctx).text("key");
        if (key.isEmpty()) {
            return form(ctx, 422, "Enter an admin key.");
        }
        try {
            sessions.open(ctx, key);
        } catch (Problem e) {
            Pages.Failure failure = Pages.failure(ctx, e);
            return form(ctx, failure.status(), failure.message());
        }
        return Pages.to(PoolPages.PATH);
    }

    /** The browser is logged out even where PostgreSQL can't be told, which the page then says. */
    @POST
    @Path("/logout")
    public Uni<Response> logOut(@Context RoutingContext ctx) {
        return sessions.close(ctx)
                .map(done -> "")
                .onFailure()
                .recoverWithItem(e -> "Other replicas could not be told: "
                        + Pages.failure(ctx, e).message()
                        + " A copy of this session's cookie, if there is one, works there until it ends by itself.")
                .flatMap(warning -> pages.part(200, Templates.loggedOut(pages.shell(""), warning)));
    }
}
