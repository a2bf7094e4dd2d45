package dev.holdfast.inbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import io.vertx.core.MultiMap;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {

    private static final String SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl";
    private static final String OTHER = Signature.newSecret();
    private static final String ID = "msg_loFOjxBNrRLzqYUf";
    private static final long NOW = 1731705121;
    private static final String RIGHT = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";
    private static final byte[] BODY = "{\"event_type\":\"ping\",\"data\":{\"success\":true}}".getBytes(UTF_8);

    private static MultiMap headers(String id, String timestamp, String signature) {
        return MultiMap.caseInsensitiveMultiMap()
                .add("webhook-id", id)
                .add("webhook-timestamp", timestamp)
                .add("webhook-signature", signature);
    }

    private static boolean isRight(String signature, String... secrets) {
        return Signature.of(headers(ID, Long.toString(NOW), signature), NOW).isBy(List.of(secrets), BODY);
    }

    /** The example of the specification of Standard Webhooks. */
    @Test
    void aLibraryOfStandardWebhooksIsUnderstood() {
        assertThat(isRight(RIGHT, SECRET)).isTrue();
    }

    @Test
    void eitherOfTwoSecretsWillDoAndEitherOfTwoSignatures() {
        assertThat(isRight(RIGHT, OTHER, SECRET)).isTrue();
        assertThat(isRight("v1a,c2lnbmF0dXJl v1,AAAA " + RIGHT, SECRET)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1,", "v1,AAAA", "v2,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="})
    void anythingElseIsNot(String signature) {
        assertThat(isRight(signature, SECRET)).isFalse();
    }

    @Test
    void withoutASecretNothingIsRight() {
        assertThat(isRight(RIGHT)).isFalse();
        assertThat(isRight(RIGHT, OTHER)).isFalse();
    }

    @Test
    void idTimestampAndBodyAreAllSigned() {
        assertThat(Signature.of(headers("msg_other", Long.toString(NOW), RIGHT), NOW)
                        .isBy(List.of(SECRET), BODY))
                .isFalse();
        assertThat(Signature.of(headers(ID, Long.toString(NOW + 1), RIGHT), NOW).isBy(List.of(SECRET), BODY))
                .isFalse();
        assertThat(Signature.of(headers(ID, Long.toString(NOW), RIGHT), NOW).isBy(List.of(SECRET), new byte[] {1}))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"-300, true", "300, true", "-301, false", "301, false", "-100000000, false"})
    void aMessageCountsForFiveMinutesByEitherClock(long offset, boolean counts) {
        MultiMap headers = headers(ID, Long.toString(NOW + offset), RIGHT);

        Problem refusal = catchThrowableOfType(Problem.class, () -> Signature.of(headers, NOW));

        assertThat(refusal == null).isEqualTo(counts);
        if (refusal != null) {
            assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_API_KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "1731705121.5", "99999999999999999999"})
    void aTimestampThatIsNoneIsRefused(String timestamp) {
        assertThat(catchThrowableOfType(Problem.class, () -> Signature.of(headers(ID, timestamp, RIGHT), NOW))
                        .code())
                .isEqualTo(ErrorCode.INVALID_API_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook-id", "webhook-timestamp", "webhook-signature"})
    void eachHeaderIsNeeded(String header) {
        MultiMap headers = headers(ID, Long.toString(NOW), RIGHT).remove(header);

        assertThat(catchThrowableOfType(Problem.class, () -> Signature.of(headers, NOW))
                        .code())
                .isEqualTo(ErrorCode.INVALID_API_KEY);
    }

    @Test
    void aNewSecretHas256RandomBits() {
        String secret = Signature.newSecret();

        assertThat(secret).startsWith("whsec_").isNotEqualTo(Signature.newSecret());
        assertThat(Base64.getDecoder().decode(secret.substring("whsec_".length())))
                .hasSize(32);
    }
}
