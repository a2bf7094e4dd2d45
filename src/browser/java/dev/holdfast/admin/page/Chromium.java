package dev.holdfast.admin.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import dev.holdfast.testkit.Api;
import io.restassured.RestAssured;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The system's Chromium, one for all tests of a class; every page that it opens is listened to. */
final class Chromium implements AutoCloseable {

    private static final List<String> QUIET = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    /** What the page's policy refuses, and how much of it moves by itself. */
    private static final String WATCH = """
            window.shift = 0;
            document.addEventListener("securitypolicyviolation", (e) => console.error("CSP: " + e.violatedDirective + " " + e.blockedURI));
            new PerformanceObserver((list) => list.getEntries().forEach((e) => { if (!e.hadRecentInput) window.shift += e.value; }))
                .observe({ type: "layout-shift", buffered: true });
            """;

    private static final Set<String> SERIOUS = Set.of("serious", "critical");

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> errors = new ArrayList<>();

    Chromium() {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(System.getProperty("holdfast.chromium", "/usr/bin/chromium")))
                        .setArgs(QUIET));
    }

    /** A window of nobody's, of this width. */
    Page open(int width, ColorScheme theme) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setBaseURL("http://localhost:" + RestAssured.port)
                .setViewportSize(width, width < 600 ? 780 : 900)
                .setColorScheme(theme));
        context.addInitScript(WATCH);
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                errors.add(message.text() + " at " + message.location());
            }
        });
        context.onWebError(error -> errors.add(error.error()));
        Page page = context.newPage();
        page.setDefaultTimeout(30_000);
        return page;
    }

    /** A window of somebody who has just logged in, with the keyboard alone. */
    Page logIn(int width, ColorScheme theme) {
        Page page = open(width, theme);
        page.navigate("/admin/");
        // The page gives its field the focus soon after it is there; what is typed before that is lost.
        page.waitForFunction("document.activeElement instanceof HTMLInputElement");
        page.keyboard().type(Api.ADMIN_KEY);
        page.keyboard().press("Enter");
        page.waitForURL("**/admin/page/pool");
        return page;
    }

    /** Fails on what the console has said since it was last asked, but for answers of this status. */
    void assertQuiet(int... expected) {
        for (int status : expected) {
            errors.removeIf(error ->
                    error.startsWith("Failed to load resource: the server responded with a status of " + status));
        }
        assertThat(errors).isEmpty();
    }

    void forget() {
        errors.clear();
    }

    static void assertAccessible(Page page, String what) {
        assertThat(new AxeBuilder(page)
                        .setLegacyMode(true).analyze().getViolations().stream()
                                .filter(rule -> SERIOUS.contains(rule.getImpact()))
                                .map(rule -> rule.getId() + ": "
                                        + rule.getNodes().stream()
                                                .map(node -> node.getHtml() + " " + node.getFailureSummary())
                                                .toList()))
                .as(what)
                .isEmpty();
    }

    static double shift(Page page) {
        return ((Number) page.evaluate("window.shift")).doubleValue();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
