package dev.holdfast.admin.page;

import dev.holdfast.http.IfMatch;
import dev.holdfast.http.PageRequest;
import dev.holdfast.identity.AdminSessions;
import dev.holdfast.identity.Caller;
import dev.holdfast.llmconfig.ConfigCache;
import dev.holdfast.llmconfig.ConfigChange;
import dev.holdfast.llmconfig.ConfigHistory;
import dev.holdfast.llmconfig.ConfigRepository;
import dev.holdfast.llmconfig.ConfigWriter;
import dev.holdfast.llmconfig.LlmConfig;
import dev.holdfast.llmconfig.Provider;
import dev.holdfast.llmconfig.probe.ProbeResult;
import dev.holdfast.llmconfig.probe.ProviderProbe;
import dev.holdfast.problem.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** LLM configs: the list from memory, a single one with what can be done to it. */
@Path(ConfigPages.PATH)
@NonBlocking
public class ConfigPages {

    static final String PATH = AdminSessions.PATH + "/configs";
    private static final String VIEW = "configs";
    private static final int HISTORY = 10;

    /** How long a config is held back for its history. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @CheckedTemplate(basePath = "page")
    static class Templates {
        static native TemplateInstance configs(Shell shell, ConfigList list, List<Provider> providers);

        static native TemplateInstance newConfig(Shell shell, ConfigForm form, List<Provider> providers);

        static native TemplateInstance config(
                Shell shell,
                LlmConfig config,
                ConfigForm form,
                List<Provider> providers,
                List<ConfigForm.Difference> conflict,
                HistoryView history,
                boolean saved);

        static native TemplateInstance probe(ProbeResult result);

        static native TemplateInstance unprobed(Pages.Failure failure);

        private Templates() {}
    }

    private final Pages pages;
    private final ConfigCache cache;
    private final ConfigRepository repository;
    private final ConfigWriter writer;
    private final ConfigHistory history;
    private final ProviderProbe probe;

    ConfigPages(
            Pages pages,
            ConfigCache cache,
            ConfigRepository repository,
            ConfigWriter writer,
            ConfigHistory history,
            ProviderProbe probe) {
        this.pages = pages;
        this.cache = cache;
        this.repository = repository;
        this.writer = writer;
        this.history = history;
        this.probe = probe;
    }

    @GET
    public Uni<Response> list(@Context RoutingContext ctx) {
        return pages.answered(ctx, VIEW, () -> {
            ConfigList.Wish wish = ConfigList.Wish.of(Form.ofQuery(ctx));
            ConfigList list = ConfigList.of(cache.required().snapshot().all(), wish);
            return pages.page(ctx, 200, Templates.configs(pages.shell(VIEW), list, providers()));
        });
    }

    /** The form of a provider, with what somebody has filled in already. */
    @GET
    @Path("/new")
    public Uni<Response> newConfig(@Context RoutingContext ctx) {
        Form query = Form.ofQuery(ctx);
        return blank(ctx, 200, query.has("provider") ? ConfigForm.of(query) : ConfigForm.empty());
    }

    private Uni<Response> blank(RoutingContext ctx, int status, ConfigForm form) {
        return pages.page(ctx, status, Templates.newConfig(pages.shell(VIEW), form, providers()));
    }

    @POST
    @Path("/new")
    public Uni<Response> create(@Context RoutingContext ctx) {
        ConfigForm form = ConfigForm.of(Form.of(ctx));
        ConfigChange change = form.change(null);
        if (change == null) {
            return blank(ctx, 422, form);
        }
        return Uni.createFrom()
                .deferred(() -> writer.create(Caller.of(ctx), change, null))
                .flatMap(json -> pages.to(ctx, PATH + "/" + new JsonObject(json).getString("id")))
                .onFailure()
                .recoverWithUni(e -> blank(ctx, refuse(form, ctx, e), form));
    }

    @GET
    @Path("/{config}")
    public Uni<Response> one(@Context RoutingContext ctx, @PathParam("config") String id) {
        return pages.answered(
                ctx,
                VIEW,
                () -> known(ctx, id).flatMap(found -> shown(ctx, 200, found, ConfigForm.of(found), List.of())));
    }

    @POST
    @Path("/{config}")
    public Uni<Response> update(@Context RoutingContext ctx, @PathParam("config") String id) {
        Form sent = Form.of(ctx);
        ConfigForm form = ConfigForm.of(sent);
        return pages.answered(
                ctx, VIEW, () -> stored(ctx, id).flatMap(found -> update(ctx, found, form, version(sent))));
    }

    private Uni<Response> update(RoutingContext ctx, LlmConfig found, ConfigForm form, long version) {
        if (found.version() != version) {
            return shown(ctx, 409, found, form, form.differences(found));
        }
        ConfigChange change = form.change(found);
        if (change == null) {
            return shown(ctx, 422, found, form, List.of());
        }
        return Uni.createFrom()
                .deferred(() -> writer.update(Caller.of(ctx), found.id(), change, IfMatch.version(version), null))
                .flatMap(json -> pages.to(ctx, PATH + "/" + found.id() + "?saved=1"))
                .onFailure(ConfigPages::isOutrun)
                .recoverWithUni(e ->
                        stored(ctx, found.id()).flatMap(newer -> shown(ctx, 409, newer, form, form.differences(newer))))
                .onFailure()
                .recoverWithUni(e -> shown(ctx, refuse(form, ctx, e), found, form, List.of()));
    }

    private static boolean isOutrun(Throwable failure) {
        return failure instanceof Problem problem && problem.code().status() == 412;
    }

    @POST
    @Path("/{config}/default")
    public Uni<Response> makeDefault(@Context RoutingContext ctx, @PathParam("config") String id) {
        return changed(ctx, id, ConfigChange.toDefault());
    }

    @POST
    @Path("/{config}/active")
    public Uni<Response> activate(@Context RoutingContext ctx, @PathParam("config") String id) {
        return changed(ctx, id, ConfigChange.active(true));
    }

    @POST
    @Path("/{config}/inactive")
    public Uni<Response> deactivate(@Context RoutingContext ctx, @PathParam("config") String id) {
        return changed(ctx, id, ConfigChange.active(false));
    }

    private Uni<Response> changed(RoutingContext ctx, String id, ConfigChange change) {
        return pages.answered(ctx, VIEW, () -> {
            requireId(id);
            return writer.update(Caller.of(ctx), id, change, IfMatch.ANY, null)
                    .flatMap(json -> pages.to(ctx, PATH + "/" + id));
        });
    }

    @POST
    @Path("/{config}/delete")
    public Uni<Response> delete(@Context RoutingContext ctx, @PathParam("config") String id) {
        return pages.answered(ctx, VIEW, () -> {
            requireId(id);
            long version = version(Form.of(ctx));
            return writer.delete(Caller.of(ctx), id, IfMatch.version(version)).flatMap(done -> pages.to(ctx, PATH));
        });
    }

    /** Asks the provider; a part of the config's page. */
    @POST
    @Path("/{config}/test")
    public Uni<Response> test(@Context RoutingContext ctx, @PathParam("config") String id) {
        Caller caller = Caller.of(ctx);
        return Uni.createFrom()
                .deferred(() -> {
                    requireId(id);
                    return repository.target(caller.ticket(), id);
                })
                .onItem()
                .ifNull()
                .failWith(ConfigWriter::unknown)
                .flatMap(target -> probe.test(target, caller.deadline()))
                .flatMap(result -> pages.part(200, Templates.probe(result)))
                .onFailure()
                .recoverWithUni(e -> pages.part(200, Templates.unprobed(Pages.failure(ctx, e))));
    }

    private Uni<Response> shown(
            RoutingContext ctx, int status, LlmConfig config, ConfigForm form, List<ConfigForm.Difference> conflict) {
        Form query = Form.ofQuery(ctx);
        String after = query.text("after");
        PageRequest page =
                new PageRequest(HISTORY, PageRequest.Order.DESC, after.matches("[0-9]{1,18}") ? after : null);
        return history.list(Caller.of(ctx).ticket().within(PATIENCE), config.id(), page)
                .map(rows -> HistoryView.of(page.cut(rows), rows.size() > HISTORY))
                .onFailure()
                .recoverWithItem(e -> HistoryView.unread(Pages.failure(ctx, e).message()))
                .flatMap(past -> pages.page(
                        ctx,
                        status,
                        Templates.config(
                                pages.shell(VIEW),
                                config,
                                form,
                                providers(),
                                conflict,
                                past,
                                status == 200 && query.has("saved"))));
    }

    /** From memory, so that it can be looked at while PostgreSQL is away. */
    private Uni<LlmConfig> known(RoutingContext ctx, String id) {
        requireId(id);
        LlmConfig known = cache.view().map(view -> view.snapshot().get(id)).orElse(null);
        return known == null ? stored(ctx, id) : Uni.createFrom().item(known);
    }

    private Uni<LlmConfig> stored(RoutingContext ctx, String id) {
        requireId(id);
        return repository
                .find(Caller.of(ctx).ticket(), id)
                .onItem()
                .ifNull()
                .failWith(ConfigWriter::unknown)
                .map(found -> found);
    }

    private static int refuse(ConfigForm form, RoutingContext ctx, Throwable e) {
        Pages.Failure failure = Pages.failure(ctx, e);
        form.refuse(failure.param(), failure.message());
        return failure.status();
    }

    private static void requireId(@Nullable String id) {
        if (!LlmConfig.isId(id)) {
            throw ConfigWriter.unknown();
        }
    }

    private static long version(Form form) {
        String version = form.text("version");
        return version.matches("[0-9]{1,18}") ? Long.parseLong(version) : 0;
    }

    private static List<Provider> providers() {
        return List.of(Provider.values());
    }
}
