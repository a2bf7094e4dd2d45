package dev.holdfast.cli.verify;

import dev.holdfast.cli.verify.Catalogue.Known;
import io.quarkus.runtime.configuration.MemorySize;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Values that can't be read as what they should be. They are not shown: a password may have ended up in the wrong place. */
final class ValuesCheck implements Check {

    @Override
    public String name() {
        return "values";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        for (Known known : subject.settings().catalogue().settings()) {
            String key = subject.key(known.setting());
            switch (subject.settings().trouble(known.setting())) {
                case REFERENCE ->
                    findings.error(
                            key,
                            "has '${' in it, which is taken for a reference to another value",
                            "in a URI write '$' as %24 and '{' as %7B");
                case EMPTY -> findings.error(key, "is empty", "give it a value, or leave it out for its default");
                case TYPE -> findings.error(key, "can't be read", "write " + form(known.type()));
                case NONE -> {}
            }
        }
    }

    private static String form(@Nullable Class<?> type) {
        if (type == int.class || type == long.class) {
            return "a whole number";
        }
        if (type == Duration.class) {
            return "a duration, such as 10s, 500ms or a bare number of seconds";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        return type == MemorySize.class ? "a size, such as 10M" : "another value";
    }
}
