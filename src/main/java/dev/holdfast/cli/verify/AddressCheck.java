package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether {@code DATABASE_URL} is there and can be used, and what else claims to say where the database is. */
final class AddressCheck implements Check {

    static final String URL = "holdfast.db.url";

    /** Pieces of an address: not read, but often there for others, or for a DATABASE_URL that is put together of them. */
    static final Map<String, Function<ConnectionUri, @Nullable String>> PARTS = Map.of(
            "DB_HOST", ConnectionUri::host,
            "DB_PORT", uri -> Integer.toString(uri.port()),
            "DB_USER", ConnectionUri::user,
            "DB_USERNAME", ConnectionUri::user,
            "DB_PASSWORD", ConnectionUri::password,
            "DB_PASS", ConnectionUri::password,
            "DB_NAME", ConnectionUri::database,
            "DB_DATABASE", ConnectionUri::database);

    @Override
    public String name() {
        return "address";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ConnectionUri uri = subject.uri();
        if (subject.db().url().isEmpty() && subject.settings().trouble(URL) == Settings.Trouble.NONE) {
            findings.error(
                    subject.key(URL),
                    "is not set",
                    "give it the database's URI, such as"
                            + " postgresql://user:password@host:5432/database?sslmode=verify-full");
        }
        subject.faults().forEach(fault -> findings.error(fault.key(), fault.why(), fault.mend()));
        PARTS.keySet().stream()
                .sorted()
                .filter(subject.settings().environment()::containsKey)
                .filter(part -> !subject.settings().catalogue().hasVariable(part))
                .forEach(part -> part(subject, uri, part, findings));
    }

    private static void part(Subject subject, @Nullable ConnectionUri uri, String part, Findings findings) {
        String given = subject.settings().environment().get(part);
        if (uri == null) {
            findings.warning(part, "is not read", "write it into DATABASE_URL");
        } else if (Objects.equals(given, Objects.requireNonNull(PARTS.get(part)).apply(uri))) {
            findings.info(part, "is not read, and says the same as DATABASE_URL");
        } else {
            findings.warning(part, "is not read, and contradicts DATABASE_URL", "leave it out, or mend one of the two");
        }
    }
}
