package dev.holdfast.llmconfig.probe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * How a test went; where there were several attempts, the last one.
 *
 * @param ok whether the provider sent a list of models
 * @param status the HTTP status, or null where there was none
 * @param latencyMs from the connection to the end of the answer; null where nothing was sent
 * @param error why it is not ok, at most some 300 characters, without the key; null where it is
 * @param attempts how many requests there were; none where the config itself is at fault
 */
@JsonPropertyOrder({"ok", "status", "latency_ms", "error", "attempts"})
@RegisterForReflection
public record ProbeResult(
        boolean ok,
        @Nullable Integer status,
        @JsonProperty("latency_ms") @Nullable Long latencyMs,
        @Nullable String error,
        int attempts) {

    /** Nothing was sent. */
    public static ProbeResult refused(String error) {
        return new ProbeResult(false, null, null, error, 0);
    }
}
