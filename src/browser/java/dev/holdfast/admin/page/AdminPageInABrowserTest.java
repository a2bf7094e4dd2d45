package dev.holdfast.admin.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.holdfast.testkit.Api.admin;
import static dev.holdfast.testkit.Api.api;
import static dev.holdfast.testkit.Api.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.holdfast.db.Database;
import dev.holdfast.llmconfig.probe.FaultyProvider;
import dev.holdfast.testkit.Api;
import dev.holdfast.testkit.OwnServer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(LookedAt.class)
@Tag("browser")
class AdminPageInABrowserTest {

    private static final int WIDE = 1440;
    private static final LocatorAssertions.ContainsTextOptions PATIENTLY =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    private static Chromium chromium;

    @Inject
    Database pool;

    @Inject
    Vertx vertx;

    OwnServer database;

    @BeforeAll
    static void start() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
    }

    @AfterEach
    void forget() {
        chromium.forget();
    }

    private static Locator field(Page page, String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void aWrongKeyIsRefusedAndTheRightOneOpens() {
        Page page = chromium.open(WIDE, ColorScheme.LIGHT);
        page.navigate("/admin/page/configs");
        field(page, "Admin key").fill("not-the-admin-key");
        button(page, "Log in").click();
        assertThat(page.locator("#key-error")).containsText("unknown or was revoked");
        assertThat(field(page, "Admin key")).isFocused();
        page.keyboard().type(Api.ADMIN_KEY);
        page.keyboard().press("Enter");
        assertThat(page.locator(".badge")).hasText("Healthy");
        chromium.assertQuiet(401);

        button(page, "Log out").click();
        assertThat(page.getByRole(AriaRole.HEADING)).containsText("Logged out");
        page.navigate("/admin/page/pool");
        assertThat(field(page, "Admin key")).isVisible();
        chromium.assertQuiet();
    }

    @Test
    void aConfigFromItsCreationToItsDeletion() {
        FaultyProvider provider =
                new FaultyProvider(vertx, null).answers(FaultyProvider.http(200, FaultyProvider.MODELS));
        try (provider) {
            Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
            create(page, provider.port());
            chromium.assertQuiet(422);
            edit(page);
            chromium.assertQuiet(409);
            button(page, "Test connection").click();
            assertThat(page.locator("#probe")).containsText("reached", PATIENTLY);
            assertThat(page.locator("#probe")).containsText(Pattern.compile("\\d+ ms"));
            makeDefaultAndDelete(page);
            chromium.assertQuiet();
        }
    }

    @Test
    void theLastOfTwoQuickChoicesOfAProviderHolds() {
        Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
        page.navigate("/admin/page/configs/new");
        page.waitForResponse(answer -> answer.url().contains("provider=openai-compatible"), () -> page.evaluate("""
                for (const provider of ["anthropic", "openai-compatible"]) {
                    const select = document.getElementById("provider");
                    select.value = provider;
                    select.dispatchEvent(new Event("change", { bubbles: true }));
                }
                """));
        assertThat(field(page, "Top k")).hasCount(0);
        assertThat(field(page, "Provider")).hasValue("openai-compatible");
        // What the console says here is htmx's report of the request that it gave up.
        chromium.forget();
        field(page, "Provider").selectOption("anthropic");
        assertThat(field(page, "Top k")).isVisible();
        chromium.assertQuiet();
    }

    private static void create(Page page, int port) {
        page.navigate("/admin/page/configs/new");
        field(page, "Name").fill("browser/first");
        field(page, "Provider").selectOption("anthropic");
        assertThat(field(page, "Top k")).isVisible();
        assertThat(field(page, "Name")).hasValue("browser/first");
        field(page, "Provider").selectOption("openai-compatible");
        assertThat(field(page, "Top k")).hasCount(0);
        field(page, "Model").fill("model-1");
        field(page, "API key").fill("sk-browser-0123456789");
        field(page, "Base URL").fill("http://localhost:" + port + "/v1");
        field(page, "Temperature").fill("5");
        button(page, "Create").click();
        assertThat(page.locator("[id='params.temperature-error']")).containsText("from 0 to 2");
        assertThat(field(page, "Temperature")).isFocused();
        assertThat(field(page, "API key")).hasValue("");
        field(page, "Temperature").fill("0.5");
        field(page, "API key").fill("sk-browser-0123456789");
        button(page, "Create").click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .containsText("browser/first");
        assertThat(page.locator("#api_key-hint")).containsText("…6789");
    }

    private static void edit(Page page) {
        String id = page.url().replaceAll(".*/(cfg_[0-9a-f]+).*", "$1");
        field(page, "Priority").fill("7");
        admin().body("{\"priority\":9}")
                .patch("/admin/llm-configs/" + id)
                .then()
                .statusCode(200);
        button(page, "Save").click();
        assertThat(page.locator(".conflict .mine")).hasText("7");
        assertThat(page.locator(".conflict .theirs")).hasText("9");
        Chromium.assertAccessible(page, "a conflict");
        Views.keep(page, "config-conflict", WIDE, ColorScheme.LIGHT);
        button(page, "Save mine over theirs").click();
        assertThat(page.getByRole(AriaRole.STATUS).first()).containsText("Saved as version 3");
        assertThat(page.locator(".history li").first()).containsText("version 3");
        assertThat(page.locator(".history li").first().locator("del")).hasText("9");
        assertThat(page.locator(".history li").first().locator("ins")).hasText("7");
    }

    private static void makeDefaultAndDelete(Page page) {
        button(page, "Set as default").click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .containsText("default");
        assertThat(button(page, "Disable")).isDisabled();
        button(page, "Delete …").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
        Chromium.assertAccessible(page, "a dialog");
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
        button(page, "Delete …").click();
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Delete"))
                .click();
        page.waitForURL("**/admin/page/configs");
        assertThat(page.getByText("browser/first")).hasCount(0);
    }

    @Test
    void theListFollowsWhatIsTypedAndItsAddressIsThatOfTheView() {
        for (String name : List.of("listed/a", "listed/b")) {
            admin().body("{\"name\":\"" + name + "\",\"provider\":\"ollama\",\"model\":\"llama3.1\"}")
                    .post("/admin/llm-configs")
                    .then()
                    .statusCode(200);
        }
        Page page = chromium.logIn(WIDE, ColorScheme.DARK);
        page.navigate("/admin/page/configs");
        field(page, "Name or model").pressSequentially("listed/b");
        assertThat(page.locator("tbody tr")).hasCount(1);
        assertThat(field(page, "Name or model")).isFocused();
        page.waitForURL(Pattern.compile(".*q=listed%2Fb.*"));
        page.reload();
        assertThat(page.locator("tbody tr")).hasCount(1);
        chromium.assertQuiet();
    }

    @Test
    void aKeyIsShownOnceCopiedUsedAndRevoked() {
        Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
        page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        page.navigate("/admin/page/projects");
        field(page, "Name").fill("Browser's");
        field(page, "Id").fill("browsers");
        button(page, "Create").click();
        page.waitForURL("**/projects/browsers");
        field(page, "Name").fill("ci");
        field(page, "conversations").check();
        button(page, "Create key").click();
        String key = page.locator("#secret").inputValue();
        Chromium.assertAccessible(page, "a new key");
        button(page, "Copy").click();
        assertThat(page.locator("#copied")).containsText("Copied");
        assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo(key);
        with(key).get("/v1/conversations").then().statusCode(200);

        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Done"))
                .click();
        assertThat(page.content().contains(key)).isFalse();
        button(page, "Revoke ci").click();
        Chromium.assertAccessible(page, "a revocation");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Revoke"))
                .click();
        assertThat(page.locator("tbody tr")).containsText("revoked");
        with(key).get("/v1/conversations").then().statusCode(401);
        chromium.assertQuiet();
    }

    @Test
    void theBadgeTurnsToCriticalAndBackWhileThePoolIsFilledThroughTheApi() throws Exception {
        Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
        assertThat(page.locator(".badge")).hasText("Healthy");
        try (Connection holder = database.database().connection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE conversations");
            List<CompletableFuture<?>> work = fill(LookedAt.SIZE + 5);
            assertThat(page.locator(".badge")).containsText("Critical", PATIENTLY);
            assertThat(page.locator(".reason")).containsText("5 requests wait", PATIENTLY);
            assertThat(page.locator("#spoken")).hasText("Critical");
            assertThat(page.getByText("default", new Page.GetByTextOptions().setExact(true)))
                    .isVisible();
            Chromium.assertAccessible(page, "a full pool");
            Views.keep(page, "pool-critical", WIDE, ColorScheme.LIGHT);
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            page.setViewportSize(360, 780);
            Views.keep(page, "pool-critical", 360, ColorScheme.DARK);
            holder.rollback();
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).join();
        }
        assertThat(page.locator(".badge")).containsText("Healthy", PATIENTLY);
        chromium.assertQuiet();
    }

    private List<CompletableFuture<?>> fill(int requests) {
        HttpClient client = HttpClient.newHttpClient();
        List<CompletableFuture<?>> work = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            work.add(client.sendAsync(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/v1/conversations"))
                            .header("Authorization", "Bearer " + Api.KEY)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        await().until(() -> pool.figures().inUse() == LookedAt.SIZE);
        return work;
    }

    @Test
    void thePageGoesOnWhilePostgresqlIsStoppedAndStarted() {
        Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
        database.server().stop();
        try {
            assertThat(page.locator(".badge")).containsText("PostgreSQL is away", PATIENTLY);
            assertThat(page.locator(".events")).containsText("does not answer", PATIENTLY);
            page.reload();
            assertThat(page.locator(".badge")).containsText("PostgreSQL is away");
            Chromium.assertAccessible(page, "an outage");
            Views.keep(page, "pool-away", WIDE, ColorScheme.LIGHT);
            page.navigate("/admin/page/configs");
            assertThat(page.locator("main")).containsText("last known");
            page.navigate("/admin/page/projects");
            assertThat(page.locator("main")).containsText("Not now");
            Chromium.assertAccessible(page, "a failure");
            Views.keep(page, "failure", WIDE, ColorScheme.DARK);
        } finally {
            database.server().start();
        }
        page.navigate("/admin/page/pool");
        assertThat(page.locator(".badge")).containsText("Healthy", PATIENTLY);
        assertThat(page.locator(".events")).containsText("answers again", PATIENTLY);
        await().until(() -> api().body("{}").post("/v1/conversations").statusCode() == 200);
        chromium.assertQuiet(503);
    }

    @Test
    void aSessionThatEndsElsewhereEndsHereWithTheNextSecond() {
        Page page = chromium.logIn(WIDE, ColorScheme.LIGHT);
        String session = page.context().cookies().get(0).value;
        assertThat(page.evaluate("document.cookie")).isEqualTo("");
        Browserless.with(session).post("/admin/page/logout").then().statusCode(200);
        page.waitForURL("**/admin/page/login", new Page.WaitForURLOptions().setTimeout(60_000));
        chromium.assertQuiet(401);
    }
}
