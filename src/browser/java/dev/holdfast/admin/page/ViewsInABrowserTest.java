package dev.holdfast.admin.page;

import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitUntilState;
import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.testkit.OwnServer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every view at both widths and in both themes: it fits, it stands still, it can be read and used by everybody. */
@QuarkusTest
@TestProfile(LookedAt.class)
@Tag("browser")
class ViewsInABrowserTest {

    private static final Logger LOG = Logger.getLogger(ViewsInABrowserTest.class);
    private static final Path README = Path.of("deploy", "pictures");

    /** Has the README's pictures made anew. */
    private static final String WRITE = "pictures.write";

    private static final Statement SLEEP = Statement.read("demo.report", "SELECT pg_sleep($1)");

    private static Chromium chromium;

    @Inject
    Database pool;

    OwnServer database;

    @BeforeAll
    static void start() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
    }

    @Test
    void everyViewFitsStandsStillAndIsAccessible() {
        List<String> others = admin().get("/admin/llm-configs?limit=100").path("data.id");
        others.forEach(id -> admin().delete("/admin/llm-configs/" + id).then().statusCode(200));
        Page page = chromium.logIn(1440, ColorScheme.LIGHT);
        page.navigate("/admin/page/configs");
        assertThat(page.content()).contains("No config yet");
        Chromium.assertAccessible(page, "no config yet");
        Views.keep(page, "configs-empty", 1440, ColorScheme.LIGHT);

        Map<String, String> views = fill();
        List<CompletableFuture<?>> work = somethingToSee();
        forTheReadme(views);
        for (int width : new int[] {1440, 360}) {
            for (ColorScheme theme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                look(chromium.open(width, theme), "login", "/admin/page/login", width, theme);
                Page window = chromium.logIn(width, theme);
                views.forEach((name, path) -> look(window, name, path, width, theme));
                window.context().close();
            }
        }
        CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).join();
        chromium.assertQuiet();
    }

    private static void look(Page page, String name, String path, int width, ColorScheme theme) {
        String what = "%s at %d in %s".formatted(name, width, theme);
        page.navigate(path, new Page.NavigateOptions().setWaitUntil(WaitUntilState.LOAD));
        LOG.infof(
                "%s: first paint after %s ms",
                what,
                page.evaluate(
                        "new Promise(done => new PerformanceObserver(l => done(Math.round(l.getEntries()[0].startTime)))"
                                + ".observe({type: 'paint', buffered: true}))"));
        if (name.equals("pool")) {
            page.waitForResponse(response -> response.url().contains("/live"), () -> {});
            page.waitForResponse(response -> response.url().contains("/live"), () -> {});
        }
        assertThat(page.evaluate("document.documentElement.scrollWidth"))
                .as("width of " + what)
                .isEqualTo(page.evaluate("document.documentElement.clientWidth"));
        assertThat(Chromium.shift(page)).as("layout shift of " + what).isLessThan(0.02);
        Views.keep(page, name, width, theme);
        Chromium.assertAccessible(page, what);
    }

    /** What the views show, and where they are. */
    private Map<String, String> fill() {
        String first = config(
                "fast",
                "openai",
                "gpt-4o-mini",
                "\"api_key\":\"sk-demo-0123456789ab\",\"priority\":20,"
                        + "\"params\":{\"temperature\":0.2,\"seed\":7},\"limits\":{\"rpm\":500},\"cost\":{\"input_per_mtok\":0.15},"
                        + "\"is_default\":true");
        config(
                "thorough",
                "anthropic",
                "claude-sonnet-4-5",
                "\"api_key\":\"sk-ant-demo-0123456789cd\",\"priority\":10");
        config(
                "embedded/eu-west",
                "azure-openai",
                "text-embedding-3-large",
                "\"base_url\":\"https://example.openai.azure.com\",\"is_active\":false");
        config("local/llama", "ollama", "llama3.1", "\"priority\":-5");
        admin().body("{\"priority\":30,\"metadata\":{\"team\":\"search\"}}").patch("/admin/llm-configs/" + first);
        admin().body("{\"id\":\"my-app\",\"name\":\"My application\"}").post("/admin/projects");
        for (String key : List.of("production", "ci")) {
            admin().body("{\"name\":\"" + key + "\",\"scopes\":[\"conversations\",\"models\"]}")
                    .post("/admin/projects/my-app/keys");
        }
        String revoked = admin().body("{\"name\":\"leaked\"}")
                .post("/admin/projects/my-app/keys")
                .path("id");
        admin().delete("/admin/projects/my-app/keys/" + revoked).then().statusCode(200);
        Map<String, String> views = new LinkedHashMap<>();
        views.put("pool", "/admin/page/pool");
        views.put("configs", "/admin/page/configs");
        views.put("configs-none", "/admin/page/configs?q=nothing");
        views.put("config", "/admin/page/configs/" + first);
        views.put("config-new", "/admin/page/configs/new");
        views.put("projects", "/admin/page/projects");
        views.put("project", "/admin/page/projects/my-app");
        return views;
    }

    private static String config(String name, String provider, String model, String rest) {
        return admin().body("{\"name\":\"%s\",\"provider\":\"%s\",\"model\":\"%s\",%s}"
                        .formatted(name, provider, model, rest))
                .post("/admin/llm-configs")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
    }

    /** A few long statements of two projects, a dropped connection, and figures of some seconds. */
    private List<CompletableFuture<?>> somethingToSee() {
        List<CompletableFuture<?>> work = new ArrayList<>();
        work.add(sleep("my-app", 1));
        database.terminate(1);
        int seconds = System.getProperty(WRITE) == null ? 10 : 75;
        for (int second = 0; second < seconds; second++) {
            work.add(sleep("my-app", second == seconds - 9 ? 25 : 1 + second % 3));
            if (second % 4 == 0) {
                work.add(sleep("search", 2));
            }
            double before = System.nanoTime();
            await().pollInterval(Duration.ofMillis(200)).until(() -> System.nanoTime() - before > 1e9);
        }
        return work;
    }

    private CompletableFuture<Object> sleep(String project, int seconds) {
        return pool.query(
                        new Ticket(project, Deadline.in(Duration.ofSeconds(90))),
                        SLEEP,
                        Tuple.of((double) seconds),
                        rows -> (Object) rows.size())
                .onFailure()
                .recoverWithItem(0)
                .subscribeAsCompletionStage();
    }

    private static void forTheReadme(Map<String, String> views) {
        if (System.getProperty(WRITE) == null) {
            return;
        }
        Page page = chromium.logIn(1280, ColorScheme.LIGHT);
        page.setViewportSize(1280, 860);
        for (String view : List.of("pool", "config")) {
            page.navigate(views.get(view));
            page.screenshot(new Page.ScreenshotOptions().setPath(README.resolve("admin-" + view + ".png")));
        }
    }
}
