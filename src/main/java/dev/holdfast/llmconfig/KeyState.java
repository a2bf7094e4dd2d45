package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** Whether a config has a provider's key, and whether this replica's keyset opens it. */
@RegisterForReflection
public enum KeyState {
    NONE,
    SEALED,
    UNDECRYPTABLE;

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
