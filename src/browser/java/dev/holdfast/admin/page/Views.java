package dev.holdfast.admin.page;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.Locale;

/** Pictures of what tests have seen, for people to look at: {@code target/screenshots}. */
final class Views {

    private static final Path PICTURES = Path.of("target", "screenshots");

    private Views() {}

    static void keep(Page page, String view, int width, ColorScheme theme) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(PICTURES.resolve(
                        "%s-%d-%s.png".formatted(view, width, theme.name().toLowerCase(Locale.ROOT)))));
    }
}
