package dev.holdfast.llmconfig.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProviderTextTest {

    private static final String KEY = "sk-proj_Zx81+Qw/7Tr93mN5~vB2";

    @Test
    void plainTextIsShownAsItIs() {
        assertThat(shown("Model 'x' was not found – «sorry» 😀")).isEqualTo("Model 'x' was not found – «sorry» 😀");
    }

    static Stream<String> echoes() {
        byte[] bytes = KEY.getBytes();
        return Stream.of(
                KEY,
                KEY.toUpperCase(Locale.ROOT),
                KEY.substring(0, 12) + "***" + KEY.substring(14),
                KEY.substring(3, 10),
                KEY.substring(0, 14) + "\u200b" + KEY.substring(14),
                HexFormat.of().formatHex(bytes),
                HexFormat.of().withUpperCase().formatHex(bytes),
                Base64.getEncoder().encodeToString(bytes),
                Base64.getUrlEncoder().encodeToString(("Bearer " + KEY).getBytes()),
                Base64.getEncoder().encodeToString((":" + KEY).getBytes()),
                Base64.getEncoder().encodeToString(("ab" + KEY).getBytes()));
    }

    @ParameterizedTest
    @MethodSource("echoes")
    void noPieceOfTheKeyIsShownInAnyForm(String echo) {
        String shown = shown("Incorrect key " + echo + "!");

        assertThat(shown).startsWith("Incorrect key ").contains("[key]").endsWith("!");
        String folded = shown.toLowerCase(Locale.ROOT);
        for (String piece : pieces(KEY, 6)) {
            assertThat(folded).doesNotContain(piece.toLowerCase(Locale.ROOT));
        }
        for (String piece : pieces(echo, 12)) {
            assertThat(shown).doesNotContain(piece);
        }
    }

    @Test
    void aKeyAtTheEndOfWhatIsShownIsNotCutInHalf() {
        for (int before = 280; before <= 300; before++) {
            assertThat(shown("x".repeat(before) + KEY)).doesNotContain(KEY.substring(0, 6));
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 100", "300, 300", "301, 303", "100000, 303"})
    void longTextIsCut(int length, int shown) {
        assertThat(shown("ü".repeat(length))).hasSize(shown);
    }

    @Test
    void aCharacterIsNotCutInHalf() {
        assertThat(shown("x" + "😀".repeat(500))).isEqualTo("x" + "😀".repeat(149) + "...");
    }

    @Test
    void whatCannotBePrintedIsABlank() {
        assertThat(shown(" a\u0000\u001b[31mb\r\n\tc\u202ed\ud800 ")).isEqualTo("a [31mb c d");
        assertThat(shown("\u0000\n")).isNull();
        assertThat(shown(null)).isNull();
    }

    @Test
    void withAKeyTooShortToBeToldFromOtherTextNothingIsShown() {
        assertThat(new ProviderText("abcde").shown("abcde is wrong")).isNull();
        assertThat(new ProviderText("").shown("wrong")).isNull();
        assertThat(new ProviderText("abcdef").shown("abcdef is wrong")).isEqualTo("[key] is wrong");
        assertThat(new ProviderText(null).shown("a key is needed")).isEqualTo("a key is needed");
    }

    private static String shown(String text) {
        return new ProviderText(KEY).shown(text);
    }

    private static String[] pieces(String text, int length) {
        return Stream.iterate(0, at -> at + length <= text.length(), at -> at + 1)
                .map(at -> text.substring(at, at + length))
                .toArray(String[]::new);
    }
}
