package dev.holdfast.conversation;

import static dev.holdfast.conversation.Bodies.bytes;
import static dev.holdfast.conversation.Bodies.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.holdfast.http.Metadata;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataTest {

    // One character to a person, two to Java.
    private static final String EMOJI = "\ud83d\ude00";

    @Test
    void pairsKeepTheClientsOrder() {
        assertThat(update("{\"z\":\"1\",\"a\":\"2\",\"m\":\"\"}").pairs())
                .containsExactly(entry("z", "1"), entry("a", "2"), entry("m", ""));
    }

    @Test
    void nullIsNoMetadata() {
        assertThat(update("null")).isEqualTo(Metadata.EMPTY);
    }

    @Test
    void jsonIsCompactAndEscapesOnlyWhatItMust() {
        Metadata metadata = update("{ \"a\\u0022b\" : \"\\u0001\\n\\/\\\\\" , \"\\u00e9\" : \"\\ud83d\\ude00\" }");
        assertThat(metadata.json()).isEqualTo("{\"a\\\"b\":\"\\u0001\\n/\\\\\",\"\u00e9\":\"" + EMOJI + "\"}");
        assertThat(Metadata.EMPTY.json()).isEqualTo("{}");
    }

    @Test
    void limitsCountCodePoints() {
        assertThat(update(object(EMOJI.repeat(64), EMOJI.repeat(512))).pairs()).hasSize(1);
        assertThat(refused(() -> update(object("k".repeat(65), "v"))))
                .hasMessage("Keys of metadata may have at most 64 characters.")
                .hasFieldOrPropertyWithValue("param", "metadata");
        assertThat(refused(() -> update(object("k", "v".repeat(513)))))
                .hasMessage("Values of metadata may have at most 512 characters.")
                .hasFieldOrPropertyWithValue("param", "metadata.k");
    }

    @Test
    void sixteenPairsAreTheMost() {
        assertThat(update(pairs(16)).pairs()).hasSize(16);
        assertThat(refused(() -> update(pairs(17))))
                .hasMessage("metadata may have at most 16 pairs.")
                .hasFieldOrPropertyWithValue("param", "metadata");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "null", "{}", "[\"v\"]"})
    void valuesMustBeStrings(String value) {
        assertThat(refused(() -> update("{\"k\":" + value + "}")))
                .hasMessage("Values of metadata must be strings.")
                .hasFieldOrPropertyWithValue("param", "metadata.k");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"x\"", "1", "false"})
    void metadataMustBeAnObject(String metadata) {
        assertThat(refused(() -> update(metadata)))
                .hasMessage("metadata must be an object.")
                .hasFieldOrPropertyWithValue("param", "metadata");
    }

    @Test
    void sameKeyTwiceIsRefusedHoweverItIsEscaped() {
        assertThat(refused(() -> update("{\"k\":\"1\",\"\\u006b\":\"2\"}")))
                .hasMessage("metadata has a key twice.")
                .hasFieldOrPropertyWithValue("param", "metadata.k");
    }

    @ParameterizedTest
    @CsvSource({
        "k, \\u0000, metadata.k",
        "k, \\ud800, metadata.k",
        "k, \\udc00\\ud800, metadata.k",
        "a\\u0000, v, metadata",
        "\\udfff, v, metadata"
    })
    void nulAndLoneSurrogatesAreRefused(String key, String value, String param) {
        assertThat(refused(() -> update(object(key, value))))
                .hasMessage("metadata may contain neither U+0000 nor lone surrogates.")
                .hasFieldOrPropertyWithValue("param", param);
    }

    @Test
    void pairsCannotBeChangedAfterwards() {
        Map<String, String> pairs = update("{\"k\":\"v\"}").pairs();
        assertThat(pairs).isUnmodifiable();
    }

    private static Metadata update(String metadata) {
        return RequestBody.update(bytes("{\"metadata\":" + metadata + "}"), 0).metadata();
    }

    private static String object(String key, String value) {
        return "{\"" + key + "\":\"" + value + "\"}";
    }

    private static String pairs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + i + "\":\"v\"")
                .collect(Collectors.joining(",", "{", "}"));
    }
}
