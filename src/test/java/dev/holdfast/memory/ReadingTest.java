package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of a text by its words alone. */
class ReadingTest {

    @ParameterizedTest
    @CsvSource({
        "'You MUST test.', ALWAYS_CHECK",
        "'NEVER, ever', ALWAYS_CHECK",
        "'(ALWAYS)', ALWAYS_CHECK",
        "'You must test.', IMPORTANT",
        "'Never mind', IMPORTANT",
        "'This is IMPORTANT', IMPORTANT",
        "'required reading', IMPORTANT",
        "'MUSTARD and NEVERMORE', REFERENCE",
        "'The sky is blue.', REFERENCE"
    })
    void thePriorityIsDerivedFromWhatIsCommanded(String content, Priority priority) {
        assertThat(Priority.derivedFrom(content)).isEqualTo(priority);
    }

    @Test
    void aPreviewIsTheBeginningOnOneLine() {
        assertThat(Reading.preview(" one\n\n two\tthree ")).isEqualTo("one two three");
        assertThat(Reading.preview("word ".repeat(100))).endsWith("word…").hasSizeLessThanOrEqualTo(Reading.PREVIEW);
        assertThat(Reading.preview("x".repeat(1_000))).hasSize(Reading.PREVIEW).endsWith("x…");
    }

    @Test
    void aPreviewNeverCutsACharacterInHalf() {
        String preview = Reading.preview("a" + "😀".repeat(1_000));

        assertThat(preview.codePointCount(0, preview.length())).isEqualTo(Reading.PREVIEW);
        assertThat(preview.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE))
                .isTrue();
    }

    @Test
    void conceptsAreTheWordsThatComeMostOften() {
        assertThat(Reading.concepts(
                        "The pool lends connections. A connection-pool, the pool and the Gate: gate, POOL!"))
                .startsWith("pool", "gate")
                .contains("connections", "connection-pool")
                .doesNotContain("the", "and");
        assertThat(Reading.concepts("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"))
                .hasSize(Reading.MOST_CONCEPTS);
        assertThat(Reading.concepts("x".repeat(100_000))).isEmpty();
    }

    @Test
    void rulesAreTheSentencesThatCommand() {
        assertThat(Reading.rules("NEVER deploy on a Friday. Soup is at noon.\n- you must test\nWe always do!"))
                .containsExactly("NEVER deploy on a Friday.", "- you must test", "We always do!");
        assertThat(Reading.rules("You must " + "really ".repeat(200)))
                .singleElement()
                .asString()
                .hasSizeLessThanOrEqualTo(Reading.LONGEST_RULE);
        assertThat(Reading.rules("never.\n".repeat(1_000))).hasSize(Reading.MOST_RULES);
    }

    @ParameterizedTest
    @CsvSource({"1.0, 0", "1.10, 10", "1.999999999, 999999999"})
    void aVersionIsReadAndWritten(String text, int seq) {
        assertThat(Version.of(text, Version.ALL)).isEqualTo(new Version(seq));
        assertThat(new Version(seq).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.", "1.01", "2.0", "1.-1", "1.0 ", "1.1000000000", "latest"})
    void whatIsNoVersionIsRefused(String text) {
        assertThatThrownBy(() -> Version.of(text, Version.ALL)).isInstanceOf(Problem.class);
    }

    @Test
    void theWordStandsForNoVersion() {
        assertThat(Version.of("latest", Version.LATEST)).isNull();
    }
}
