package dev.holdfast.cli.verify;

import dev.holdfast.identity.IdentityConfig;
import java.util.List;
import java.util.Optional;

/** The keys that always work: whether they are there, and are secrets. Their lengths are {@link RangesCheck}'s. */
final class KeysCheck implements Check {

    private static final String ADMIN = "holdfast.admin-key";
    private static final String API = "holdfast.api-key";

    /** What everybody can read in our README and in application.properties. */
    private static final List<String> PUBLIC = List.of("holdfast-dev-api-key", "holdfast-dev-admin-key");

    @Override
    public String name() {
        return "keys";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        IdentityConfig config = subject.settings().mapping(IdentityConfig.class);
        if (text(config.adminKey()).isEmpty() && subject.settings().trouble(ADMIN) == Settings.Trouble.NONE) {
            findings.add(
                    subject.options().production() ? Severity.ERROR : Severity.INFO,
                    subject.key(ADMIN),
                    "is not set, so that nobody can make projects and keys",
                    "give it a random text of at least 16 characters, such as of openssl rand -base64 32");
        }
        secret(subject, ADMIN, text(config.adminKey()), findings);
        secret(subject, API, text(config.apiKey()), findings);
    }

    private static void secret(Subject subject, String setting, String key, Findings findings) {
        String mend = "give it a random text, such as of openssl rand -base64 32";
        if (PUBLIC.contains(key)) {
            findings.add(subject.options().severity(), subject.key(setting), "is the key of dev mode", mend);
        } else if (key.startsWith("<") && key.endsWith(">")) {
            findings.add(subject.options().severity(), subject.key(setting), "is a placeholder, not a key", mend);
        }
    }

    private static String text(Optional<String> key) {
        return key.map(String::strip).orElse("");
    }
}
