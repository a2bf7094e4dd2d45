package dev.holdfast.admin.page;

import dev.holdfast.db.Capacity;
import dev.holdfast.db.Database;
import dev.holdfast.db.DbConfig;
import dev.holdfast.db.Monitor;
import dev.holdfast.identity.AdminSessions;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Instant;

/** The pool, from memory: it takes no connection and does not wait for PostgreSQL. */
@Path(PoolPages.PATH)
@NonBlocking
public class PoolPages {

    static final String PATH = AdminSessions.PATH + "/pool";

    @CheckedTemplate(basePath = "page")
    static class Templates {
        static native TemplateInstance pool(Shell shell, PoolView pool);

        static native TemplateInstance live(PoolView pool);

        private Templates() {}
    }

    private final Pages pages;
    private final PoolHistory history;
    private final Database database;
    private final Monitor monitor;
    private final Capacity capacity;

    PoolPages(Pages pages, PoolHistory history, Database database, Monitor monitor, DbConfig config) {
        this.pages = pages;
        this.history = history;
        this.database = database;
        this.monitor = monitor;
        this.capacity = new Capacity(config.replicas(), 0, config.maxSize(), config.reservedConnections());
    }

    @GET
    public Uni<Response> pool(@Context RoutingContext ctx) {
        return pages.page(ctx, 200, Templates.pool(pages.shell("pool"), view(0)));
    }

    /** What is new; {@code after} is the time of the newest sample that the page has, in seconds since 1970. */
    @GET
    @Path("/live")
    public Uni<Response> live(@Context RoutingContext ctx) {
        String after = Form.ofQuery(ctx).text("after");
        return pages.part(200, Templates.live(view(after.matches("[0-9]{1,12}") ? Long.parseLong(after) : 0)));
    }

    private PoolView view(long after) {
        return new PoolView(
                pages.condition(),
                history.json(after),
                history.events(),
                database.sslMode().value(),
                monitor.server().orElse(null),
                capacity,
                Instant.now());
    }
}
