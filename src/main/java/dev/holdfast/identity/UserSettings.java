package dev.holdfast.identity;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.http.JsonCursor;
import dev.holdfast.http.Metadata;
import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.ZoneId;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an application knows of one of its users, as clients see it.
 *
 * @param language a BCP 47 tag in its canonical form, or null
 * @param timeZone a name of IANA's time zone database, or null
 * @param metadata JSON text of an object of strings
 * @param version counts the changes, from 1
 * @param createdAt in seconds since 1970, as is {@code updatedAt}
 */
@RegisterForReflection
@JsonPropertyOrder({"external_id", "object", "language", "time_zone", "metadata", "version", "created_at", "updated_at"
})
record UserSettings(
        @JsonProperty("external_id") String externalId,
        @Nullable String language,
        @JsonProperty("time_zone") @Nullable String timeZone,
        @JsonRawValue String metadata,
        long version,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("updated_at") long updatedAt) {

    private static final int LONGEST_TAG = 64;

    @JsonProperty("object")
    String object() {
        return "user.settings";
    }

    /** What a client sends: all of it takes the place of what there is. */
    record Draft(@Nullable String language, @Nullable String timeZone, Metadata metadata) {

        Draft {
            language = language == null ? null : canonical(language);
            if (timeZone != null && !ZoneId.getAvailableZoneIds().contains(timeZone)) {
                throw Problem.invalid(
                        "'time_zone' must be a name of the IANA time zone database, such as Europe/Berlin.",
                        "time_zone");
            }
        }

        static Draft read(byte[] body) {
            String language = null;
            String timeZone = null;
            Metadata metadata = Metadata.EMPTY;
            try (JsonCursor in = new JsonCursor(body)) {
                Set<String> seen = in.beginObject();
                while (in.nextNewField(seen, null)) {
                    switch (in.name()) {
                        case "language" -> language = string(in);
                        case "time_zone" -> timeZone = string(in);
                        case "metadata" -> metadata = Metadata.read(in);
                        default ->
                            throw Problem.invalid(
                                    "A user's settings are 'language', 'time_zone' and 'metadata'.",
                                    PlainText.param(null, in.name()));
                    }
                }
                in.end();
            }
            return new Draft(language, timeZone, metadata);
        }

        private static @Nullable String string(JsonCursor in) {
            return in.token() == JsonToken.VALUE_NULL ? null : in.requiredString(in.name());
        }

        private static String canonical(String tag) {
            Problem bad = Problem.invalid("'language' must be a BCP 47 tag, such as de-CH.", "language");
            if (tag.isEmpty() || tag.length() > LONGEST_TAG) {
                throw bad;
            }
            try {
                return new Locale.Builder().setLanguageTag(tag).build().toLanguageTag();
            } catch (IllformedLocaleException e) {
                throw bad;
            }
        }
    }
}
