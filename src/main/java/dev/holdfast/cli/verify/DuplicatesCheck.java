package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import dev.holdfast.db.ConnectionUri;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is said twice: once under each name of a setting, or in the URI and in a setting. */
final class DuplicatesCheck implements Check {

    @Override
    public String name() {
        return "duplicates";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Map<String, String> environment = subject.settings().environment();
        for (Known known : subject.settings().catalogue().settings()) {
            List<String> given =
                    known.variables().stream().filter(environment::containsKey).toList();
            if (given.size() > 1) {
                names(environment, given.get(0), given.get(1), findings);
            }
        }
        ConnectionUri uri = subject.uri();
        if (uri != null) {
            uri(subject, uri, findings);
        }
    }

    private static void names(Map<String, String> environment, String one, String other, Findings findings) {
        if (Objects.equals(environment.get(one), environment.get(other))) {
            findings.warning(other, "says what " + one + " says", "leave one of them out");
        } else {
            findings.error(other, "contradicts " + one + ", and wins", "leave one of them out");
        }
    }

    private static void uri(Subject subject, ConnectionUri uri, Findings findings) {
        overridden(subject, findings, "sslmode", "holdfast.db.ssl-mode");
        overridden(subject, findings, "sslrootcert", "holdfast.db.ssl-root-cert");
        String timeout = "holdfast.db.connect-timeout";
        Duration inUri = uri.connectTimeout();
        if (inUri != null
                && subject.settings().isGiven(timeout)
                && !inUri.equals(subject.db().connectTimeout())) {
            findings.warning(
                    subject.key(timeout),
                    "is not what connect_timeout in DATABASE_URL says, which wins",
                    "leave one of them out");
        }
    }

    private static void overridden(Subject subject, Findings findings, String parameter, String setting) {
        String url = subject.settings().text(AddressCheck.URL).orElse("");
        Matcher inUri = Pattern.compile("[?&]" + parameter + "=([^&]*)").matcher(url);
        String instead = subject.settings().text(setting).orElse("");
        if (!instead.isEmpty()
                && inUri.find()
                && !instead.equals(URLDecoder.decode(inUri.group(1), StandardCharsets.UTF_8))) {
            findings.warning(
                    subject.key(setting),
                    "is not what " + parameter + " in DATABASE_URL says, and wins",
                    "leave one of them out");
        }
    }
}
