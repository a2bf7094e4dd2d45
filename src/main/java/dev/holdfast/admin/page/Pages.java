package dev.holdfast.admin.page;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.http.RequestId;
import dev.holdfast.identity.AdminSessions;
import dev.holdfast.problem.Answer;
import dev.holdfast.problem.ProblemMapper;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How every page is sent, whatever is on it: nothing of it is kept, framed, or loaded from elsewhere. */
@ApplicationScoped
class Pages {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    @CheckedTemplate(basePath = "page")
    static class Templates {
        static native TemplateInstance failure(Shell shell, Failure failure);

        private Templates() {}
    }

    /**
     * What went wrong, as the API would say it.
     *
     * @param param the field that is at fault; null where none is
     */
    record Failure(
            int status,
            String code,
            String message,
            @Nullable String param) {

        public String title() {
            return switch (status) {
                case 404 -> "There is nothing here";
                case 503, 504 -> "Not now";
                case 500 -> "That should not have happened";
                default -> "That did not work";
            };
        }
    }

    private final Assets assets;
    private final AdminSessions sessions;
    private final Database database;
    private final Monitor monitor;

    @Inject
    Pages(Assets assets, AdminSessions sessions, Database database, Monitor monitor) {
        this.assets = assets;
        this.sessions = sessions;
        this.database = database;
        this.monitor = monitor;
    }

    Condition condition() {
        return new Condition(database.figures(), monitor.state());
    }

    Shell shell(String view) {
        return Shell.of(assets, view, condition());
    }

    /** A page that somebody has opened, which shows that they are there. */
    Uni<Response> page(RoutingContext ctx, int status, TemplateInstance page) {
        if (sessions.isOpen(ctx)) {
            sessions.renew(ctx);
        }
        return part(status, page);
    }

    /** What is fetched without anybody's doing. */
    Uni<Response> part(int status, TemplateInstance page) {
        return page.createUni()
                .map(html -> secured(Response.status(status)
                        .entity(html)
                        .header(HttpHeaders.CONTENT_TYPE, "text/html;charset=UTF-8")));
    }

    Uni<Response> to(RoutingContext ctx, String path) {
        if (sessions.isOpen(ctx)) {
            sessions.renew(ctx);
        }
        return to(path);
    }

    /** To another page, without a word on the session. */
    static Uni<Response> to(String path) {
        return Uni.createFrom().item(secured(Response.seeOther(URI.create(path))));
    }

    private static Response secured(Response.ResponseBuilder response) {
        return response.header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Referrer-Policy", "same-origin")
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** What the API would answer; a bug is logged. */
    static Failure failure(RoutingContext ctx, Throwable failure) {
        Answer answer = ProblemMapper.map(failure, 0, RequestId.of(ctx), false);
        JsonObject error = new JsonObject(Buffer.buffer(answer.body())).getJsonObject("error");
        return new Failure(
                answer.status(), error.getString("code"), error.getString("message"), error.getString("param"));
    }

    /** What comes of {@code work}, or the page that says why nothing did. */
    Uni<Response> answered(RoutingContext ctx, String view, Supplier<Uni<? extends Response>> work) {
        return Uni.createFrom().deferred(work).onFailure().recoverWithUni(e -> {
            Failure shown = failure(ctx, e);
            return page(ctx, shown.status(), Templates.failure(shell(view), shown));
        });
    }
}
