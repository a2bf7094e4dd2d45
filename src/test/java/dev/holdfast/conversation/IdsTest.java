package dev.holdfast.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {

    private static final String HEX_40 = "0123456789abcdef0123456789abcdef01234567";

    @Test
    void laterIdSortsAfterAnEarlierOne() {
        assertThat(Ids.newConversationId(1_700_000_000_000L)).isLessThan(Ids.newConversationId(1_700_000_000_001L));
    }

    @Test
    void newConversationIdIsAConversationId() {
        assertThat(Ids.isConversationId(Ids.newConversationId(1))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 40, 48})
    void conversationIdsHaveThirtyTwoToFortyEightDigits(int digits) {
        assertThat(Ids.isConversationId("conv_" + "f".repeat(digits))).isTrue();
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "conv_",
                "conv_0123456789abcdef0123456789abcde",
                "conv_0123456789abcdef0123456789abcdef0123456789abcdef0",
                "conv_0123456789ABCDEF0123456789abcdef",
                "conv_0123456789abcdeg0123456789abcdef",
                "CONV_0123456789abcdef0123456789abcdef",
                "msg_0123456789abcdef0123456789abcdef",
                "conv_0123456789abcdef0123456789abcd\u0660f"
            })
    void nothingElseIsAConversationId(String id) {
        assertThat(Ids.isConversationId(id)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "msg_" + HEX_40, "A-z_0.9:x"})
    void itemIdsHaveLettersDigitsAndAFewSigns(String id) {
        assertThat(Ids.isItemId(id)).isTrue();
    }

    @Test
    void itemIdsHaveAtMost128Characters() {
        assertThat(Ids.isItemId("x".repeat(128))).isTrue();
        assertThat(Ids.isItemId("x".repeat(129))).isFalse();
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"a b", "a/b", "\u00e9", "a\u0000", "\ud800", "a\"", "a%", "a\n"})
    void nothingElseIsAnItemId(String id) {
        assertThat(Ids.isItemId(id)).isFalse();
    }
}
