package dev.holdfast.llmconfig;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.holdfast.sealing.Sealing;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a config has a provider's key, and whether this replica's keyset opens it. */
@RegisterForReflection
public enum KeyState {
    NONE,
    SEALED,
    UNDECRYPTABLE;

    /** Of a sealed key, or of none. */
    static KeyState of(Sealing sealing, String config, byte @Nullable [] sealed) {
        if (sealed == null) {
            return NONE;
        }
        return sealing.opens(config, sealed) ? SEALED : UNDECRYPTABLE;
    }

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
