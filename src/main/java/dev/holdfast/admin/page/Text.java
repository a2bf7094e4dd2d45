package dev.holdfast.admin.page;

import io.quarkus.qute.TemplateExtension;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures and times as people read them. */
@TemplateExtension(namespace = "text")
final class Text {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Text() {}

    static String time(Instant at) {
        return TIME.format(at);
    }

    /** @param seconds since 1970 */
    static String moment(long seconds) {
        return MOMENT.format(Instant.ofEpochSecond(seconds));
    }

    /** With as many digits as tell something. */
    static String millis(double millis) {
        if (millis >= 10_000) {
            return String.format(Locale.ROOT, "%.0f s", millis / 1000);
        }
        if (millis >= 1_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000);
        }
        return String.format(
                Locale.ROOT, millis >= 100 || millis == 0 ? "%.0f ms" : millis >= 10 ? "%.1f ms" : "%.2f ms", millis);
    }

    static String seconds(double seconds) {
        return String.format(
                Locale.ROOT, seconds < 120 ? "%.0f s" : "%.1f min", seconds < 120 ? seconds : seconds / 60);
    }

    /** How many of all a list has. */
    static String countOf(int found, int all) {
        return found == all ? count(all, "config", "configs") : count(found) + " of " + count(all, "config", "configs");
    }

    static String count(long count, String one, String many) {
        return count(count) + " " + (count == 1 ? one : many);
    }

    /** With thin spaces between thousands. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count).replace(',', '\u202f');
    }
}
